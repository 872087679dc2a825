import { constants, copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { RefusedInputError, type InitialWeights, type RunSpec } from '#contracts';
import {
  buildNetwork,
  fitWeights,
  freezeParts,
  layoutOf,
  readValueFaults,
  readWeightsHeader,
  type WeightsHeader,
} from '#resnet';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { sha256Of } from '../storage/checkpoint-files.js';

type Fault = { readonly path: string; readonly message: string };

/** In the folder of a run's checkpoints; not named as one, so that it stays when old checkpoints go. */
const FILE_NAME = 'initial.safetensors';

/**
 * Everything that keeps a run from starting with the weights it names. Reads the file's header; its numbers only where
 * it is asked to, since many specs of a study may name one large file.
 */
export async function initialWeightsFaults(
  spec: RunSpec,
  { readsNumbers = false }: { readonly readsNumbers?: boolean } = {},
): Promise<readonly Fault[]> {
  const { initialWeights, fineTune, model } = spec;
  if (initialWeights === undefined) return [];
  const network = buildNetwork(model);
  const faults: Fault[] = refusals(() => freezeParts(network, fineTune?.frozen ?? []), 'fineTune.frozen');
  const header = await headerOf(initialWeights);
  if ('message' in header) return [...faults, { path: 'initialWeights', message: header.message }];
  const newHead = hasNewHead(spec, header);
  if (newHead && fineTune?.frozen.includes('fc') === true) {
    faults.push({ path: 'fineTune.frozen', message: 'fc is a new head here: frozen it would never learn' });
  }
  const layout = layoutOf(network);
  const fit = fitWeights(network, layout, tensorsOf(header), { newHead });
  const ofTensors =
    fit.faults.length > 0 || !readsNumbers
      ? fit.faults
      : await readValueFaults(initialWeights, header, { network, layout, newHead });
  return [
    ...faults,
    ...ofTensors.map(({ path, message }) => ({
      path: 'initialWeights',
      message: `${path}: ${message}${fineTune === undefined && path === 'fc.weight' ? '; fineTune gives a new head' : ''}`,
    })),
  ];
}

/** Keeps a run's initial weights beside its checkpoints, where all workers see them and nobody else writes. */
@Injectable()
export class InitialWeightsFiles {
  readonly #checkpointDirectory: string;

  constructor(@Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig) {
    this.#checkpointDirectory = checkpointDirectory;
  }

  /** Copies the file of a spec without faults. Throws RefusedInputError where it changed or cannot be copied. */
  async keep(runId: string, spec: RunSpec): Promise<InitialWeights | undefined> {
    const { initialWeights: from } = spec;
    if (from === undefined) return undefined;
    const folder = join(this.#checkpointDirectory, runId);
    const path = join(folder, FILE_NAME);
    try {
      await mkdir(folder, { recursive: true });
      // Shares the blocks where the file system can.
      await copyFile(from, path, constants.COPYFILE_FICLONE);
      // Of the copy: the file itself may be another one by now.
      const faults = await initialWeightsFaults({ ...spec, initialWeights: path });
      if (faults.length > 0) throw new RefusedInputError('the initial weights changed while they were copied', faults);
      const header = await headerOf(path);
      const newHead = 'places' in header && hasNewHead(spec, header);
      return { path, sha256: await sha256Of(path), newHead };
    } catch (error) {
      if (error instanceof RefusedInputError) throw error;
      const message = `cannot be copied to ${path}: ${error instanceof Error ? error.message : String(error)}`;
      throw new RefusedInputError(`the initial weights ${message}`, [{ path: 'initialWeights', message }], {
        cause: error,
      });
    }
  }
}

async function headerOf(path: string): Promise<WeightsHeader | { readonly message: string }> {
  try {
    return await readWeightsHeader(path);
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return { message: `${path}: ${error.message}` };
  }
}

const tensorsOf = ({ places }: WeightsHeader): ReadonlyMap<string, WeightsHeader['places'][number]> =>
  new Map(places.map((place) => [place.name, place]));

/** As asked for; else where the head of the file does not fit. */
function hasNewHead({ model, fineTune }: RunSpec, header: WeightsHeader): boolean {
  if (fineTune === undefined) return false;
  if (fineTune.newHead !== undefined) return fineTune.newHead;
  const network = buildNetwork(model);
  return fitWeights(network, layoutOf(network), tensorsOf(header)).faults.some(({ path }) =>
    /^fc\.(weight|bias)$/.test(path),
  );
}

function refusals(attempt: () => unknown, path: string): Fault[] {
  try {
    attempt();
    return [];
  } catch (error) {
    if (!(error instanceof RefusedInputError)) throw error;
    return error.faults.map(({ message }) => ({ path, message }));
  }
}
