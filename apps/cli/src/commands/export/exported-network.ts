import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classNamesOf, RefusedInputError, type WeightsKind } from '#contracts';
import type { ExportedModel } from '#export';
import type { NetworkOptions } from '#resnet';
import { downloadWeights, type DownloadChoice } from '../../api-client/download-weights.js';
import { findRun } from '../../api-client/find-run.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';

/** The weights of a run: of which step, and whether they are those training goes on from or their average. */
interface Origin {
  readonly runId: string;
  readonly step: number;
  readonly weights: WeightsKind;
  /** Of the file that was exported. */
  readonly weightsSha256: string;
}

/** A network to take away, and what to say of where it came from. */
export interface NetworkToExport {
  readonly model: ExportedModel;
  /** Run and step; null of a weights file. */
  readonly origin: Origin | null;
}

/** The network of a run's checkpoint (default: the newest), its SHA-256 verified, with the names of its classes. */
export async function networkOfRun(
  client: SkiplaneClient,
  reference: string,
  choice: DownloadChoice,
): Promise<NetworkToExport> {
  const run = await findRun(client, reference);
  const folder = await mkdtemp(join(tmpdir(), 'skiplane-export-'));
  try {
    const file = join(folder, 'weights.safetensors');
    const weights = await downloadWeights(client, run, file, choice);
    const model = await modelOfFile(file, run.spec.model, classNamesOf(run.dataset));
    return {
      model,
      origin: { runId: run.id, step: weights.step, weights: weights.kind, weightsSha256: weights.sha256 },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The network of a weights file. Throws RefusedInputError naming every tensor that does not fit. */
export async function networkOfFile(
  file: string,
  model: NetworkOptions,
  classes: readonly string[] | undefined,
): Promise<NetworkToExport> {
  return { model: await modelOfFile(file, model, classes), origin: null };
}

async function modelOfFile(
  file: string,
  options: NetworkOptions,
  classes: readonly string[] | undefined,
): Promise<ExportedModel> {
  const { buildNetwork, layoutOf, loadWeights } = await import('#resnet');
  const network = buildNetwork(options);
  const layout = layoutOf(network);
  const weights = await loadWeights(network, layout, file).catch((error: unknown) => {
    if (!(error instanceof RefusedInputError)) throw error;
    throw new RefusedInputError(`${file}: ${error.message}`, error.faults, { cause: error });
  });
  return { network, layout, ...weights, classes };
}
