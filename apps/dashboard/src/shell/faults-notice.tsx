import { useQuery } from '@tanstack/react-query';
import { faultsQuery } from '../api/faults.js';
import { Notice } from '../components/notice.js';

/** On every page while something is wrong with the coordinator itself. */
export function FaultsNotice() {
  const { data = [] } = useQuery(faultsQuery());
  if (data.length === 0) return null;
  return (
    <Notice tone="error" title="The coordinator is not well">
      {data.map(({ path, message }) => (
        <p key={path}>{message}</p>
      ))}
    </Notice>
  );
}
