import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from './http.js';
import { runKey, runPath } from './queries.js';
import { submitRun } from './submissions.js';

export type RunCommand = 'pause' | 'resume' | 'cancel';

/** Pause, resume or cancel one run; what the coordinator answers is shown by refetching the run. */
export function useRunCommand(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (command: RunCommand) => request(`${runPath(id)}/${command}`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: runKey(id) }),
  });
}

/** Submits a spec as written; the key makes a repeated click harmless. `onProgress` is told what is done meanwhile. */
export function useSubmitRun(onProgress: (message: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: string; idempotencyKey: string }) =>
      submitRun(body, idempotencyKey, onProgress),
    onSuccess: (run) => client.setQueryData(runKey(run.id), run),
  });
}

/** A random key; `crypto.randomUUID` is missing on pages served without TLS from another host. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
