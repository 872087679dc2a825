import { faultsOf } from '../api/http.js';

/** What is wrong with one field, read aloud as it appears; the field refers to it by `id`. */
export function FieldFault({ id, error }: { readonly id: string; readonly error: Error | null }) {
  return (
    <span id={id} className="field-fault" role="alert">
      {faultsOf(error)
        .map(({ message }) => message)
        .join('; ')}
    </span>
  );
}
