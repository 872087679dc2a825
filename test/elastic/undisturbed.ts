import type { RunSpecInput, RunView, WireFormat } from '#contracts';
import { freePort } from '#queue';
import { TrainingStack } from '../end-to-end/training-stack.js';

/** What one worker alone makes of a run. */
export interface Undisturbed {
  readonly view: RunView;
  /** What the parameter server sent to the worker, per step, headers included: a root a step, and little else. */
  readonly bytesPerStep: number;
}

export const LANES = 16;

/** The smallest residual network, sixteen lanes of two images: a step of milliseconds. */
export const elasticRun = (world: TrainingStack, wire: WireFormat, epochs: number): RunSpecInput =>
  world.spec({
    name: `elastic-${wire}`,
    model: { architecture: 'resnet8', numClasses: 10, imageSize: 16 },
    lanes: LANES,
    laneBatchSize: 2,
    epochs,
    wire,
    checkpoint: { everySteps: 50, keep: 2 },
  });

/** One worker and one parameter server for each wire. */
export async function undisturbed(
  wires: readonly WireFormat[],
  epochs: number,
  timeoutMs: number,
): Promise<Map<WireFormat, Undisturbed>> {
  const metricsPort = await freePort();
  await using world = await TrainingStack.start({
    workers: 1,
    parameterServers: 1,
    env: { SKIPLANE_METRICS_PORT: String(metricsPort) },
  });
  await world.workersReady(1);
  const results = new Map<WireFormat, Undisturbed>();
  for (const wire of wires) {
    const before = await sentBytes(metricsPort);
    const view = await world.finished(await world.submit(elasticRun(world, wire, epochs)), timeoutMs);
    const bytesPerStep = Math.round(((await sentBytes(metricsPort)) - before) / view.progress.step);
    results.set(wire, { view, bytesPerStep });
  }
  return results;
}

async function sentBytes(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(5_000) });
  return Number(/^skiplane_parameter_server_sent_bytes_total(?:\{[^}]*\})? (\S+)/m.exec(await response.text())?.[1]);
}
