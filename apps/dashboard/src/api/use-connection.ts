import { useSyncExternalStore } from 'react';
import { type Connection, getConnection, subscribeToConnection } from './connection.js';

export function useConnection(): Connection {
  return useSyncExternalStore(subscribeToConnection, getConnection);
}
