import { ApiError, faultsOf } from '../api/http.js';
import { Notice } from './notice.js';

/** What the coordinator refused, fault by fault, or why there is no answer. */
export function ErrorNotice({ error }: { readonly error: Error }) {
  const hasParts = error instanceof ApiError && (error.problem?.errors ?? []).length > 0;
  return (
    <Notice tone="error" title={error.message}>
      {hasParts ? (
        <ul>
          {faultsOf(error).map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      ) : null}
    </Notice>
  );
}
