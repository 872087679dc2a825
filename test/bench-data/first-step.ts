import { runViewSchema } from '#contracts';
import { startStack } from '../../apps/cli/src/local-stack/index.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { submitRun } from './submit-run.js';

const WAIT_MS = 300_000;
const POLL_MS = 20;

/**
 * From the submission of a run on a data set that the coordinator has surveyed to its first committed step, milliseconds: a real
 * stack with one idle worker, which has never seen the data set, and a small network.
 */
export async function firstStepMs(path: string, dataDirectory: string): Promise<number> {
  const stack = await startStack({ dataDirectory, port: 0, device: 'cpu', engines: 1, workers: 1 });
  try {
    const get = async (place: string): Promise<unknown> => (await fetch(`${stack.url}/v1${place}`)).json();
    const wait = { timeoutMs: WAIT_MS, everyMs: POLL_MS };
    await until(
      () => get('/workers'),
      (list) => (list as { readonly workers: readonly unknown[] }).workers.length > 0,
      { what: 'a worker', ...wait },
    );
    const begun = performance.now();
    const id = await submitRun(stack.url, path, { architecture: 'resnet8', numClasses: 1000, imageSize: 32 });
    await until(
      async () => runViewSchema.parse(await get(`/runs/${id}`)),
      ({ progress }) => progress.step > 0,
      { what: 'the first step', ...wait },
    );
    return performance.now() - begun;
  } finally {
    await stack.stop();
  }
}
