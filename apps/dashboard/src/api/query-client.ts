import { QueryClient } from '@tanstack/react-query';
import { getConnection, subscribeToConnection } from './connection.js';

/** The page's cache. Polling is the retry, so a failed request is not repeated at once. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      // `always`: the coordinator is often on this machine, which the browser's idea of being offline says nothing about.
      queries: { retry: false, networkMode: 'always', staleTime: 1000, refetchOnWindowFocus: true },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  let previous = getConnection().status;
  subscribeToConnection(() => {
    const { status } = getConnection();
    if (status === 'online' && previous !== 'online') void client.invalidateQueries();
    previous = status;
  });
  return client;
}
