import { open, rename, rm } from 'node:fs/promises';
import { RefusedInputError, type Checkpoint, type RunView } from '#contracts';
import { ProblemError, UnexpectedAnswerError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';
import { streamWeights } from './stream-weights.js';

export interface DownloadedWeights {
  readonly step: number;
  readonly sha256: string;
  readonly sizeBytes: number;
}

/**
 * Downloads a checkpoint's weights.safetensors (default: the newest one's) and verifies its SHA-256. The file appears
 * under its name only when it is whole and right; an older file of that name is replaced in one move.
 */
export async function downloadWeights(
  client: SkiplaneClient,
  run: RunView,
  file: string,
  step?: number,
): Promise<DownloadedWeights> {
  const checkpoint = chosenCheckpoint(run, step);
  const partial = `${file}.${process.pid}.partial`;
  const handle = await open(partial, 'wx').catch((error: unknown) => {
    throw new RefusedInputError(`cannot write ${file}: ${String(error)}`, [], { cause: error });
  });
  try {
    const { sha256, sizeBytes } = await streamWeights(client, { runId: run.id, step: checkpoint.step }, (chunk) =>
      handle.writeFile(chunk),
    );
    if (sha256 !== checkpoint.weightsSha256) {
      throw new UnexpectedAnswerError(
        `the weights of step ${checkpoint.step} came damaged: SHA-256 ${sha256} of ${sizeBytes} bytes, ` +
          `the run says ${checkpoint.weightsSha256}; nothing was written`,
      );
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return { step: checkpoint.step, sha256, sizeBytes };
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    const isFileFault = error instanceof Error && 'syscall' in error && 'path' in error;
    if (isFileFault) throw new RefusedInputError(`cannot write ${file}: ${error.message}`, [], { cause: error });
    throw error;
  }
}

function chosenCheckpoint(run: RunView, step: number | undefined): Checkpoint {
  const newest = run.checkpoints.toSorted((left, right) => left.step - right.step).at(-1);
  const chosen = step === undefined ? newest : run.checkpoints.find((checkpoint) => checkpoint.step === step);
  if (chosen !== undefined) return chosen;
  const kept = run.checkpoints.map((checkpoint) => checkpoint.step).join(', ');
  throw new ProblemError({
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    detail:
      newest === undefined
        ? `run ${run.id} has written no checkpoint yet`
        : `run ${run.id} keeps no checkpoint of step ${step}; it has those of steps ${kept}`,
  });
}
