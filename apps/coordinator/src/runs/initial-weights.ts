import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import { RecoverableError, RefusedInputError, type InitialWeights, type RunSpec } from '#contracts';
import {
  buildNetwork,
  fitWeights,
  freezeParts,
  isAverage,
  layoutOf,
  openWeights,
  readValueFaults,
  saveWeights,
  type OpenTensor,
  type WeightsFit,
} from '#resnet';
import { StoreAccessError } from '#stores';
import { sha256OfFile } from '#files';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { CheckpointFiles } from '../storage/checkpoint-files.js';
import { StoredFiles } from '../storage/stored-files.js';

type Fault = { readonly path: string; readonly message: string };

/** In the folder of a run's checkpoints; not named as one, so that it stays when old checkpoints go. */
const FILE_NAME = 'initial.safetensors';

/** A file that is open, as it fits the network of a run. */
interface FittedFile extends AsyncDisposable {
  readonly fit: WeightsFit<OpenTensor>;
  readonly newHead: boolean;
}

/**
 * Everything that keeps a run from starting with the weights it names: the cause first, then tensor by tensor. Reads what the
 * file holds; its numbers only where it is asked to, since many specs of a study may name one large file.
 */
export async function initialWeightsFaults(
  spec: RunSpec,
  files: Pick<CheckpointFiles, 'localPath'>,
  { readsNumbers = false }: { readonly readsNumbers?: boolean } = {},
): Promise<readonly Fault[]> {
  const { initialWeights, fineTune, model } = spec;
  if (initialWeights === undefined) return [];
  const network = buildNetwork(model);
  const faults: Fault[] = refusals(() => freezeParts(network, fineTune?.frozen ?? []), 'fineTune.frozen');
  try {
    await using file = await openFitted(spec, await files.localPath(initialWeights));
    return [...faults, ...(await faultsOfFile(spec, file, readsNumbers))];
  } catch (error) {
    if (isStoreFault(error)) return [...faults, { path: 'initialWeights', message: error.message }];
    if (!(error instanceof RefusedInputError)) throw error;
    const named = error.faults.map(({ path, message }) => ({ path: 'initialWeights', message: `${path}: ${message}` }));
    return [...faults, { path: 'initialWeights', message: `${initialWeights}: ${error.message}` }, ...named];
  }
}

async function faultsOfFile(
  { model, fineTune }: RunSpec,
  { fit, newHead }: FittedFile,
  readsNumbers: boolean,
): Promise<Fault[]> {
  const faults: Fault[] = [];
  if (newHead && fineTune?.frozen.includes('fc') === true) {
    faults.push({ path: 'fineTune.frozen', message: 'fc is a new head here: frozen it would never learn' });
  }
  if (fit.cause !== undefined) {
    const message = `the file does not fit ${model.architecture}: ${fit.cause}`;
    faults.push({ path: 'initialWeights', message });
  }
  const ofTensors = fit.faults.length > 0 || !readsNumbers ? fit.faults : await readValueFaults(fit);
  for (const { path, message } of ofTensors) {
    if (path === '') continue;
    const hint = fineTune === undefined && path === 'fc.weight' ? '; fineTune gives a new head' : '';
    faults.push({ path: 'initialWeights', message: `${path}: ${message}${hint}` });
  }
  return faults;
}

/** Throws RefusedInputError where it is no weights file. */
async function openFitted(spec: RunSpec, path: string): Promise<FittedFile> {
  const file = await openWeights(path);
  const network = buildNetwork(spec.model);
  const layout = layoutOf(network);
  const whole = fitWeights(network, layout, file.tensors);
  const newHead = hasNewHead(spec, whole);
  const fit = newHead ? fitWeights(network, layout, file.tensors, { newHead }) : whole;
  return { fit, newHead, [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

/** As asked for; else where the head of the file is another one, or none. */
function hasNewHead({ fineTune }: RunSpec, whole: WeightsFit<OpenTensor>): boolean {
  if (fineTune === undefined) return false;
  return fineTune.newHead ?? whole.faults.some(({ path }) => path.startsWith('fc.'));
}

/** The weights of a run, and what is told of where they were found. */
interface KeptWeights {
  readonly weights: InitialWeights;
  readonly taken: string | undefined;
}

/** Keeps a run's initial weights beside its checkpoints, where all workers find them and nobody else writes. */
@Injectable()
export class InitialWeightsFiles {
  readonly #checkpointDirectory: string;
  readonly #files: CheckpointFiles;
  readonly #stored: StoredFiles;

  constructor(files: CheckpointFiles, stored: StoredFiles, @Inject(CONFIG) { checkpointDirectory }: CoordinatorConfig) {
    this.#files = files;
    this.#stored = stored;
    this.#checkpointDirectory = checkpointDirectory;
  }

  /**
   * Keeps what the network takes of a file without faults, as safetensors: workers read no pickle. Throws RefusedInputError
   * where the file changed or cannot be kept.
   */
  async keep(runId: string, spec: RunSpec): Promise<KeptWeights | undefined> {
    const { initialWeights: from } = spec;
    if (from === undefined) return undefined;
    const folder = join(this.#checkpointDirectory, runId);
    const path = join(folder, FILE_NAME);
    try {
      await mkdir(folder, { recursive: true });
      await using file = await openFitted(spec, await this.#files.localPath(from));
      const faults = await faultsOfFile(spec, file, false);
      if (faults.length > 0) throw new RefusedInputError('the initial weights changed after they were checked', faults);
      await saveWeights(file.fit, path);
      const [sha256, address] = [await sha256OfFile(path), await this.#inPlace(runId, spec, path)];
      return { weights: { path: address, sha256, newHead: file.newHead }, taken: takenText(file) };
    } catch (error) {
      if (error instanceof RefusedInputError) throw error;
      const message = `cannot be kept as ${path}: ${error instanceof Error ? error.message : String(error)}`;
      throw new RefusedInputError(`the initial weights ${message}`, [{ path: 'initialWeights', message }], {
        cause: error,
      });
    }
  }

  /** Where the run's workers find the file. */
  async #inPlace(id: string, spec: RunSpec, path: string): Promise<string> {
    if (spec.checkpoint.store === undefined) return path;
    const address = await this.#stored.write(this.#files.folderOf({ id, spec }), FILE_NAME, { file: path });
    await rm(path);
    return address;
  }
}

function isStoreFault(error: unknown): error is Error {
  return error instanceof RecoverableError || error instanceof StoreAccessError;
}

/** What of a file the weights were, for people; undefined where they were all of it. */
function takenText({ fit: { prefix, headPrefix, others, beside }, newHead }: FittedFile): string | undefined {
  const facts = [
    ...(prefix === '' ? [] : [`they lie under ${prefix}${isAverage(prefix) ? ', an average' : ''}`]),
    ...(headPrefix === undefined || newHead ? [] : [`their head under ${headPrefix}`]),
    ...(others.length === 0
      ? []
      : [`other networks under ${others.map((other) => other || '(no prefix)').join(', ')} are left out`]),
    ...(beside.length === 0 ? [] : [`${beside.length} other tensors are not looked at`]),
  ];
  return facts.length === 0 ? undefined : facts.join('; ');
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
