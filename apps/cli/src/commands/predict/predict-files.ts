import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  MAX_PREDICTION_BYTES,
  RefusedInputError,
  type CheckpointName,
  type Orientation,
  type RunView,
  type WeightsKind,
} from '#contracts';
import { ProblemError } from '../../api-client/api-errors.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import type { NetworkOptions } from '#resnet';
import type { FilePrediction } from './file-prediction.js';
import { predictLocally } from './predict-locally.js';

/** What is asked of each file. */
export interface Asked {
  readonly files: readonly string[];
  readonly top: number;
  /** Where the overlay of each file goes; null: none is drawn. */
  readonly overlays: ReadonlyMap<string, string> | null;
  readonly ofClass: string | undefined;
  readonly signal: AbortSignal;
}

/** A prediction, or why there is none of this file. */
export type Answer =
  | (FilePrediction & { readonly kind: 'prediction'; readonly origin: Origin | null })
  | { readonly kind: 'refused'; readonly file: string; readonly reason: string };

/** The weights that predicted. */
export interface Origin {
  readonly runId: string;
  readonly step: number;
  readonly weights: WeightsKind;
}

/** By the workers of a coordinator, one file after the other. */
export async function* predictByRun(
  client: SkiplaneClient,
  run: RunView,
  { step, ema }: { readonly step: CheckpointName | undefined; readonly ema: boolean | undefined },
  { files, top, overlays, ofClass, signal }: Asked,
): AsyncGenerator<Answer> {
  for (const file of files) {
    const image = await readFile(file).catch((error: unknown) => String(error));
    const reason = typeof image === 'string' ? image : tooLarge(image.length);
    if (typeof image === 'string' || reason !== null) {
      yield { kind: 'refused', file, reason: reason ?? '' };
      continue;
    }
    try {
      const target = overlays?.get(file);
      const query = { top, step, ema, ofClass, overlay: target !== undefined };
      const { classes, overlay, image: size, ...origin } = await client.predict(run.id, image, query, signal);
      if (target !== undefined && overlay) await writeNew(target, Buffer.from(overlay.png, 'base64'));
      const drawn =
        target !== undefined && overlay ? { file: target, ofClass: overlay.ofClass, name: overlay.name } : null;
      yield { kind: 'prediction', file, image: size, classes, overlay: drawn, origin };
    } catch (error) {
      const fault =
        error instanceof ProblemError ? error.problem.errors?.find(({ path }) => path === 'image') : undefined;
      if (fault === undefined) throw error;
      yield { kind: 'refused', file, reason: fault.message };
    }
  }
}

/** A weights file on this machine, and how its network was trained. */
export interface LocalNetwork {
  readonly model: NetworkOptions;
  readonly weights: string;
  readonly names: readonly string[] | undefined;
  readonly orientation: Orientation;
}

/** By a weights file on this machine. */
export async function* predictByFile(
  { model, weights, names, orientation }: LocalNetwork,
  { files, top, overlays, ofClass, signal }: Asked,
): AsyncGenerator<Answer> {
  const nameOf = (index: number): string => names?.[index] ?? String(index);
  const options = {
    model,
    weights,
    orientation,
    top,
    ofClass: ofClass === undefined ? null : indexOf(ofClass, names, model.numClasses),
    files: files.map((path) => ({ path, overlay: overlays?.get(path) ?? null })),
  };
  let at = 0;
  for await (const answer of predictLocally(options, signal)) {
    const file = files[at++] ?? '';
    if (answer.kind === 'refused') {
      yield { ...answer, file };
      continue;
    }
    const { width, height, classes, overlayOf } = answer;
    const target = overlays?.get(file);
    yield {
      kind: 'prediction',
      file,
      image: { width, height },
      classes: classes.map(({ index, probability }) => ({ index, name: nameOf(index), probability })),
      overlay:
        target === undefined || overlayOf === null
          ? null
          : { file: target, ofClass: overlayOf, name: nameOf(overlayOf) },
      origin: null,
    };
  }
}

function indexOf(given: string, names: readonly string[] | undefined, numClasses: number): number {
  const named = names?.indexOf(given) ?? -1;
  if (named >= 0) return named;
  if (/^\d+$/.test(given) && Number(given) < numClasses) return Number(given);
  throw new RefusedInputError(`there is no class ${given}`, [
    { path: '--of-class', message: `must be a name of --classes or an index below ${numClasses}` },
  ]);
}

const tooLarge = (sizeBytes: number): string | null =>
  sizeBytes <= MAX_PREDICTION_BYTES ? null : `has ${sizeBytes} bytes, a coordinator takes ${MAX_PREDICTION_BYTES}`;

async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes).catch((error: unknown) => {
    throw new RefusedInputError(`cannot write ${path}: ${String(error)}`, [], { cause: error });
  });
}
