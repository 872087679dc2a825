import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiError, request } from '../api/http.js';
import { useTitle } from '../components/use-title.js';

/** Asks for the API key; the coordinator answers with a cookie that scripts cannot read. */
export function LoginView() {
  useTitle('Sign in');
  const client = useQueryClient();
  const [key, setKey] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsPending(true);
    setFault(await signIn(key));
    setIsPending(false);
    await client.invalidateQueries();
  };
  return (
    <form className="panel login" onSubmit={(event) => void submit(event)}>
      <h1>Sign in</h1>
      <p>
        This coordinator asks for its API key, the value of <code>SKIPLANE_API_KEY</code> it was started with.
      </p>
      <label htmlFor="key">API key</label>
      <input
        id="key"
        type="password"
        autoComplete="current-password"
        value={key}
        onChange={(event) => setKey(event.target.value)}
        aria-describedby="key-fault"
        aria-invalid={fault !== null}
        required
        autoFocus
      />
      <p id="key-fault" className="field-fault" role="alert">
        {fault}
      </p>
      <button type="submit" className="button primary" disabled={isPending}>
        Sign in
      </button>
    </form>
  );
}

/** Null when it worked, else what to tell the person. */
async function signIn(key: string): Promise<string | null> {
  try {
    // A form's encoding, as the coordinator's own login page sends it: the key appears in no address and no log.
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await request('login', { method: 'POST', headers, body: new URLSearchParams({ key }).toString() });
    return null;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return 'This is not the key of this coordinator.';
    return error instanceof Error ? error.message : 'Signing in failed.';
  }
}
