import { resolve } from 'node:path';
import {
  RefusedInputError,
  type EnsembleModelRequest,
  type EvaluationRequest,
  type Precision,
  type RunSpec,
} from '#contracts';
import { buildNetwork, layoutOf, loadWeights } from '#resnet';
import type { TrainingRun } from '../runs/live-run.js';
import { chosenWeights, NoWeightsError } from '../runs/chosen-weights.js';
import type { CheckpointFiles } from '../storage/checkpoint-files.js';
import type { RunRegistry } from '../runs/run-registry.js';

/** A network that was found, with the file its weights lie in now. */
export interface FoundNetwork {
  readonly model: RunSpec['model'];
  /** A file says nothing of it: fp32. */
  readonly precision: Precision;
  readonly path: string;
  /** Whether it is a file that somebody named, not a run's. */
  readonly isForeign: boolean;
  /** For people. */
  readonly source: string;
}

type Fault = { readonly path: string; readonly message: string };
type Found = FoundNetwork | { readonly message: string };

/** Finds the run's weights and those of the ensemble. Throws RefusedInputError naming all that are not there or do not fit. */
export async function findNetworks(
  run: TrainingRun,
  { step, ema, ensemble }: EvaluationRequest,
  { registry, files }: { readonly registry: RunRegistry; readonly files: CheckpointFiles },
): Promise<FoundNetwork[]> {
  const { classes } = run.record.dataset;
  const find = (model: EnsembleModelRequest): Promise<Found> =>
    'run' in model ? ofRun(registry, model, { files, classes }) : ofFile(model);
  const found = await Promise.all([{ run: run.id, step, ema }, ...ensemble].map(find));
  const faults = found.flatMap((network, at): Fault[] => {
    const path = at === 0 ? 'step' : `ensemble.${at - 1}`;
    if ('message' in network) return [{ path, message: network.message }];
    const { numClasses } = network.model;
    if (numClasses === classes.length) return [];
    return [{ path, message: `has ${numClasses} classes, the data set of the run has ${classes.length}` }];
  });
  if (faults.length > 0) throw new RefusedInputError('the run cannot be evaluated so', faults);
  return found.flatMap((network) => ('message' in network ? [] : [network]));
}

async function ofRun(
  registry: RunRegistry,
  model: Extract<EnsembleModelRequest, { run: string }>,
  { files, classes }: { files: CheckpointFiles; classes: readonly string[] },
): Promise<Found> {
  const run = await registry.findTraining(model.run);
  if (run === undefined) return { message: `there is no run ${model.run}` };
  const { spec, dataset } = run.record;
  if (dataset.classes.join('\n') !== classes.join('\n')) return { message: `run ${run.id} has other classes` };
  try {
    const { checkpoint, kind, path } = await chosenWeights(run, model, files);
    const source = `run ${run.id}, step ${checkpoint.step}${kind === 'average' ? ', average' : ''}`;
    return { model: spec.model, precision: spec.precision, path, isForeign: false, source };
  } catch (error) {
    if (!(error instanceof NoWeightsError)) throw error;
    return { message: error.message };
  }
}

/** Looks into the file, so that a person hears now and not from a worker that it is another network's. */
async function ofFile({ weights, model }: Extract<EnsembleModelRequest, { weights: string }>): Promise<Found> {
  const path = resolve(weights);
  try {
    const network = buildNetwork(model);
    await loadWeights(network, layoutOf(network), path);
    return { model, precision: 'fp32', path, isForeign: true, source: path };
  } catch (error) {
    const [first] = error instanceof RefusedInputError ? error.faults : [];
    const reason = error instanceof Error ? error.message : String(error);
    return { message: `${path}: ${reason}${first === undefined ? '' : ` (${first.path}: ${first.message})`}` };
  }
}
