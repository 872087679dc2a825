/** Entry of the thread that brings checkpoints to a store: encryption and hashes of a gigabyte are nothing for the control. */
import { workerData } from 'node:worker_threads';
import { pruneStored, uploadCheckpoint } from '#checkpoints';
import type { RunSpec } from '#contracts';
import { openWritableStore, type FileSource, type Limits } from '#stores';
import { serveRequests } from '#threads';

export interface UploadTarget {
  /** The run's folder in the store. */
  readonly source: FileSource;
  readonly keep: RunSpec['checkpoint']['keep'];
  readonly limits: Limits;
}

export interface UploadRequest {
  readonly kind: 'upload';
  /** The checkpoint's folder on this host's disk. */
  readonly from: string;
}

export interface Uploaded {
  /** Name of the checkpoint's folder in the store. */
  readonly folder: string;
  /** Why earlier ones that are not kept were not removed. */
  readonly pruneFault: string | undefined;
}

export interface UploadAnswers {
  readonly upload: Uploaded;
}

const { source, keep, limits } = workerData as UploadTarget;
const store = openWritableStore(source, limits);

serveRequests<UploadRequest, Uploaded>({
  answer: async ({ from }, signal) => {
    const folder = await uploadCheckpoint(store, from, { signal });
    const pruneFault = await pruneStored(store, { keep, written: folder, signal }).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    return { folder, pruneFault };
  },
});
