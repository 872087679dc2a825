/** Entry of a thread that looks at files; it waits for the disk, so nobody else does. */
import { workerData } from 'node:worker_threads';
import { openWaitingDisk } from '#stores';
import { serveRequests } from '#threads';
import { inspectFile, type FileLook } from '../image-format/inspect-file.js';
import { listFiles } from './list-files.js';
import type { DiskAnswers, DiskRequest, DiskThreadData } from './disk-messages.js';
import { openAndWait } from './open-disk-file.js';

const { beats }: DiskThreadData = workerData;
/** Says that the disk has answered. */
const onAnswer = (): void => void Atomics.add(beats, 0, 1);

serveRequests<DiskRequest, DiskAnswers[DiskRequest['kind']]>({
  answer: async (request, signal) => {
    const { root } = request;
    if (request.kind === 'list') return await listFiles(openWaitingDisk(root, onAnswer), request.folder, signal);
    const looks: FileLook[] = [];
    for (const path of request.paths) {
      if (signal.aborted) break;
      looks.push(await inspectFile(`${root}/${path}`, openAndWait));
      onAnswer();
    }
    return looks;
  },
});
