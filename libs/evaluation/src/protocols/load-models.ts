import { readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { RefusedInputError, type Precision } from '#contracts';
import { buildNetwork, importWeights, layoutOf, loadWeights, type NetworkOptions } from '#resnet';
import { InferencePool } from '#engine';
import type { HangGuard } from '#threads';

/** A network and the file its weights lie in. */
export interface ModelSource {
  readonly model: NetworkOptions;
  /** What its forward pass computes in; default: fp32. */
  readonly precision?: Precision;
  readonly path: string;
  /** Refused when the file has another one. */
  readonly sha256?: string;
}

export interface LoadModelsOptions {
  readonly sources: readonly ModelSource[];
  readonly engine: 'graph' | 'portable';
  readonly numEngines: number;
  /** What happens when a thread hangs. Default: what was asked of it rejects. */
  readonly guard?: HangGuard;
}

/** Loads every network of an ensemble. Rejects with RefusedInputError naming all files that cannot be its weights. */
export async function loadModels({ sources, ...pool }: LoadModelsOptions): Promise<InferencePool[]> {
  const faults: { path: string; message: string }[] = [];
  const models: InferencePool[] = [];
  try {
    for (const source of sources) {
      try {
        models.push(new InferencePool({ ...(await readModel(source)), ...pool }));
      } catch (error) {
        if (!(error instanceof RefusedInputError)) throw error;
        faults.push(
          ...[{ path: '', message: error.message }, ...error.faults].map(({ path, message }) => ({
            path: [source.path, path].filter(Boolean).join(' '),
            message,
          })),
        );
      }
    }
    if (faults.length > 0) throw new RefusedInputError('weights cannot be evaluated', faults);
    await Promise.all(models.map((model) => model.ready()));
    return models;
  } catch (error) {
    await Promise.all(models.map((model) => model.close()));
    throw error;
  }
}

/** Reads a network's weights. Rejects with RefusedInputError when the file cannot be read or is another network's. */
export async function readModel({ model, precision = 'fp32', path, sha256 }: ModelSource) {
  const network = buildNetwork(model);
  const layout = layoutOf(network);
  if (sha256 === undefined) return { network, precision, weights: await loadWeights(network, layout, path) };
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new RefusedInputError('cannot be read', [], { cause: error });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) throw new RefusedInputError(`has SHA-256 ${found}, expected ${sha256}`);
  return { network, precision, weights: importWeights(network, layout, bytes) };
}
