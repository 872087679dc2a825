import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CHAIN_START, chainAfter, ledgerPageSchema, problemSchema, type LedgerPage, type RunView } from '#contracts';
import { TestStack } from '../testing/test-stack.js';

jest.setTimeout(30_000);

/** 10 samples, 4 a step: 3 steps an epoch, the last of 2 samples. */
const TOTAL_STEPS = 6;

describe('the ledger over HTTP', () => {
  let stack: TestStack;
  let run: RunView;

  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
    await stack.fleet.add('w1');
    run = await stack.trained();
  });
  afterAll(async () => {
    await stack[Symbol.asyncDispose]();
  });

  const page = async (query = ''): Promise<LedgerPage> =>
    ledgerPageSchema.parse(await (await fetch(`${stack.url}/v1/runs/${run.id}/ledger${query}`)).json());

  it('gives every step with a chain that anybody can compute, which is the one that the run shows', async () => {
    const { steps, lastStep } = await page();
    expect(lastStep).toBe(TOTAL_STEPS);
    expect(steps.map(({ step, epoch, samples }) => [step, epoch, samples])).toEqual([
      [1, 0, 4],
      [2, 0, 4],
      [3, 0, 2],
      [4, 1, 4],
      [5, 1, 4],
      [6, 1, 2],
    ]);
    let chain = CHAIN_START;
    for (const { step, loss, digest, chain: said } of steps) {
      chain = chainAfter(chain, { step, loss, digest: digest ?? '' });
      expect(said).toBe(chain);
    }
    expect(run.ledger.map((row) => row.chain)).toEqual([steps[2]?.chain, chain]);
  });

  it('gives it page by page, whatever step a page begins at', async () => {
    const whole = (await page()).steps;
    for (const [from, limit] of [
      [1, 2],
      [3, 1],
      [3, 3],
      [6, 10_000],
    ] as const) {
      expect(await page(`?from=${from}&limit=${limit}`)).toEqual({
        steps: whole.slice(from - 1, from - 1 + limit),
        lastStep: TOTAL_STEPS,
        mixedFromStep: null,
        fastFromStep: null,
      });
    }
    expect(await page('?from=7')).toEqual({
      steps: [],
      lastStep: TOTAL_STEPS,
      mixedFromStep: null,
      fastFromStep: null,
    });
  });

  it('names every fault of a query, and knows no ledger of another run', async () => {
    const response = await fetch(`${stack.url}/v1/runs/${run.id}/ledger?from=0&limit=10001&to=3`);
    expect(response.status).toBe(400);
    const { errors = [] } = problemSchema.parse(await response.json());
    expect(errors.map(({ path }) => path).sort()).toEqual(['', 'from', 'limit']);
    expect((await fetch(`${stack.url}/v1/runs/none/ledger`)).status).toBe(404);
  });
});
