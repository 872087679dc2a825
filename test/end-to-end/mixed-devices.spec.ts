import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ledgerPageSchema } from '#contracts';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { runSkiplane } from '../../apps/cli/src/testing/run-skiplane.js';
import { launchBrowser, NO_BROWSER_REASON, openPage } from '../support/browser.js';
import { runJournal } from './run-journal.js';
import { TrainingStack } from '../support/training-stack.js';

const TIMEOUT_MS = 240_000;
/** Of TensorFlow instead of oneDNN's: other bits on any machine. */
const OTHER_KERNELS = { TF_ENABLE_ONEDNN_OPTS: '0' };
/** On any machine. */
const NO_BF16_UNIT = { ONEDNN_MAX_CPU_ISA: 'AVX512_CORE' };

describe('a worker of another compute fingerprint', () => {
  let world: TrainingStack;
  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
  }, TIMEOUT_MS);
  afterAll(async () => await world[Symbol.asyncDispose](), TIMEOUT_MS);

  /** The reason a worker gives once it is as wanted; undefined: it is gone. */
  async function reasonOf(
    workerId: string,
    isWanted: (reason: string | null | undefined) => boolean,
  ): Promise<unknown> {
    return until(async () => (await world.workers()).find((worker) => worker.workerId === workerId)?.reason, isWanted, {
      what: workerId,
      timeoutMs: 60_000,
    });
  }

  it(
    'waits with the reason shown, or joins where devices may be mixed, and the ledger says from where on',
    async () => {
      await world.workersReady(1);
      const strict = await world.submit(world.spec({ epochs: 500 }));
      await world.atStep(strict, 3);
      await world.stack.addWorker(OTHER_KERNELS);
      const reason = await reasonOf('worker-2', (given) => typeof given === 'string');
      expect(reason).toMatch(/computes with fingerprint .*; other bits would come from .*eigen/);
      const waiting = await world.view(strict);
      expect([waiting.workers, waiting.mixedFromStep]).toEqual([['worker-1'], null]);
      expect((await world.post(`/v1/runs/${strict}/cancel`)).status).toBeLessThan(300);
      await world.stack.removeWorker('worker-2');
      await reasonOf('worker-2', (given) => given === undefined);

      const id = await world.submit(world.spec({ mixedDevices: true, epochs: 500 }));
      await world.atStep(id, 3);
      expect((await world.view(id)).mixedFromStep).toBeNull();
      await world.stack.addWorker(OTHER_KERNELS);
      const joined = await world.until(id, 'a lane on the other kernels', ({ lanes }) =>
        lanes.some(({ workerId }) => workerId === 'worker-3'),
      );
      const view = await world.atStep(id, joined.progress.step + 3);
      expect(view.mixedFromStep).toBeGreaterThan(3);
      expect(view.ledger.every(({ missing, repeated }) => missing === 0 && repeated === 0)).toBe(true);
      const response = await fetch(`${world.stack.url}/v1/runs/${id}/ledger`);
      expect(ledgerPageSchema.parse(await response.json()).mixedFromStep).toBe(view.mixedFromStep);
      const words = `from step ${view.mixedFromStep} on the bits are no longer promised`;
      expect(await runJournal(world, id, words)).toContain(words);
    },
    TIMEOUT_MS,
  );
});

describe('a worker whose CPU multiplies no numbers of 16 bits', () => {
  it(
    'is named on the page of a bf16 run that it trains and by `skiplane show`',
    async () => {
      await using world = await TrainingStack.start({ workers: 1, parameterServers: 1, env: NO_BF16_UNIT });
      const id = await world.submit(world.spec({ precision: 'bf16', epochs: 1 }));
      await world.finished(id);
      const words = 'worker-1: its CPU has neither AMX nor AVX512_BF16: bf16 is slower on it than fp32';
      const shown = await runSkiplane(['show', id, '--url', world.stack.url]);
      expect(shown.outLines.join('\n')).toMatch(new RegExp(`warnings \\(1\\)[^]*warning worker: ${words}`));
      if (NO_BROWSER_REASON !== null) return console.warn(`The page is not looked at: ${NO_BROWSER_REASON}.`);
      const browser = await launchBrowser();
      try {
        const { page, errors } = await openPage(browser, `${world.stack.url}/runs/${id}`);
        const warning = page.getByRole('region', { name: 'Warnings' }).getByRole('listitem');
        expect(await warning.innerText()).toContain(words);
        expect(errors).toEqual([]);
      } finally {
        await browser.close();
      }
    },
    TIMEOUT_MS,
  );
});
