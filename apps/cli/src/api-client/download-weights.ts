import { open, rename, rm } from 'node:fs/promises';
import {
  RefusedInputError,
  type CheckpointName,
  type RunView,
  type ShownCheckpoint,
  type WeightsKind,
} from '#contracts';
import { ProblemError, UnexpectedAnswerError } from './api-errors.js';
import type { SkiplaneClient } from './skiplane-client.js';
import { streamWeights } from './stream-weights.js';

export interface DownloadedWeights {
  readonly step: number;
  readonly kind: WeightsKind;
  readonly sha256: string;
  readonly sizeBytes: number;
}

export interface DownloadChoice {
  /** Default: the newest checkpoint. */
  readonly step?: CheckpointName | undefined;
  /** Told how many bytes have come. */
  readonly onBytes?: ((sizeBytes: number) => void) | undefined;
  /** The average of weights, or those training goes on from. Default: the average where the run keeps one. */
  readonly ema?: boolean | undefined;
}

/**
 * Downloads a checkpoint's weights or their average and verifies the SHA-256. The file appears
 * under its name only when it is whole and right; an older file of that name is replaced in one move.
 */
export async function downloadWeights(
  client: SkiplaneClient,
  run: RunView,
  file: string,
  { step, ema, onBytes }: DownloadChoice = {},
): Promise<DownloadedWeights> {
  const checkpoint = chosenCheckpoint(run, step);
  const kind = chosenKind(run, ema);
  const expected = kind === 'average' ? checkpoint.averageSha256 : checkpoint.weightsSha256;
  const partial = `${file}.${process.pid}.partial`;
  const handle = await open(partial, 'wx').catch((error: unknown) => {
    throw new RefusedInputError(`cannot write ${file}: ${String(error)}`, [], { cause: error });
  });
  try {
    let numBytes = 0;
    const chosen = { runId: run.id, step: checkpoint.step, kind };
    const { sha256, sizeBytes } = await streamWeights(client, chosen, async (chunk) => {
      await handle.writeFile(chunk);
      onBytes?.((numBytes += chunk.length));
    });
    // An average that a worker of an earlier version wrote has none to compare with.
    if (expected !== undefined && sha256 !== expected) {
      throw new UnexpectedAnswerError(
        `the weights of step ${checkpoint.step} came damaged: SHA-256 ${sha256} of ${sizeBytes} bytes, ` +
          `the run says ${expected}; nothing was written`,
      );
    }
    await handle.sync();
    await handle.close();
    await rename(partial, file);
    return { step: checkpoint.step, kind, sha256, sizeBytes };
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(partial, { force: true });
    const isFileFault = error instanceof Error && 'syscall' in error && 'path' in error;
    if (isFileFault) throw new RefusedInputError(`cannot write ${file}: ${error.message}`, [], { cause: error });
    throw error;
  }
}

function chosenKind(run: RunView, ema: boolean | undefined): WeightsKind {
  const keepsAverage = run.spec.regularization.ema !== undefined;
  if (ema === true && !keepsAverage) throw notFound(`run ${run.id} keeps no average of weights`);
  return (ema ?? keepsAverage) ? 'average' : 'trained';
}

function chosenCheckpoint(run: RunView, name: CheckpointName = 'newest'): ShownCheckpoint {
  const newest = run.checkpoints.toSorted((left, right) => left.step - right.step).at(-1);
  const chosen =
    name === 'newest' ? newest : run.checkpoints.find(({ step, isBest }) => (name === 'best' ? isBest : step === name));
  if (chosen !== undefined) return chosen;
  const kept = run.checkpoints.map((checkpoint) => checkpoint.step).join(', ');
  throw notFound(
    newest === undefined
      ? `run ${run.id} has written no checkpoint yet`
      : `run ${run.id} keeps no ${typeof name === 'number' ? `checkpoint of step ${name}` : 'best checkpoint'}; it has those of steps ${kept}`,
  );
}

function notFound(detail: string): ProblemError {
  return new ProblemError({ type: 'about:blank', title: 'Not found', status: 404, detail });
}
