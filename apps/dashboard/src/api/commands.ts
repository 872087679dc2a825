import type { RunView } from '#contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { request } from './http.js';
import { runKey, runPath } from './queries.js';

export type RunCommand = 'pause' | 'resume' | 'cancel';

/** Pause, resume or cancel one run; what the coordinator answers is shown by refetching the run. */
export function useRunCommand(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (command: RunCommand) => request(`${runPath(id)}/${command}`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: runKey(id) }),
  });
}

/** Submits a spec as written; the key makes a repeated click harmless. */
export function useSubmitRun() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ body, idempotencyKey }: { body: string; idempotencyKey: string }) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
      return (await request('v1/runs', { method: 'POST', body, headers })) as RunView;
    },
    onSuccess: (run) => client.setQueryData(runKey(run.id), run),
  });
}

/** A random key; `crypto.randomUUID` is missing on pages served without TLS from another host. */
export function newIdempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
