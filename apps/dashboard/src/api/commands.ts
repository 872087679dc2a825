import type { RunChanges, RunView } from '#contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { DATASETS_KEY } from './datasets.js';
import { request } from './http.js';
import { RUN_LISTS_KEY, runKey, runPath } from './queries.js';
import { submit, type SubmissionBody } from './submissions.js';

export type RunCommand = 'pause' | 'resume' | 'cancel';

/** Pause, resume or cancel one run; what the coordinator answers is shown by refetching the run. */
export function useRunCommand(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (command: RunCommand) => request(`${runPath(id)}/${command}`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: runKey(id) }),
  });
}

/** Changes name, tags, notes or the archive mark of one run. */
export function useChangeRun(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (changes: RunChanges) => {
      const headers = { 'content-type': 'application/json' };
      return (await request(runPath(id), { method: 'PATCH', headers, body: JSON.stringify(changes) })) as RunView;
    },
    onSuccess: (run) => client.setQueryData(runKey(id), run),
    onSettled: () => client.invalidateQueries({ queryKey: RUN_LISTS_KEY }),
  });
}

/** Submits a run to `path`. `onProgress` is told what is done meanwhile. */
export function useSubmitRun(path: string, onProgress: (message: string) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (submission: SubmissionBody) => (await submit(path, submission, onProgress)) as RunView,
    onSuccess: (run) => client.setQueryData(runKey(run.id), run),
    // It may be a run of a named data set, which counts its runs.
    onSettled: () => client.invalidateQueries({ queryKey: DATASETS_KEY }),
  });
}
