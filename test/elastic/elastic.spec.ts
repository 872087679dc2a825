import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WIRE_FORMATS, type WireFormat } from '#contracts';
import * as fc from 'fast-check';
import { InMemoryRun } from '../../libs/parameter-server/src/testing/in-memory-exchange.js';
import { ServerFixture } from '../../libs/parameter-server/src/testing/server-fixture.js';
import type { Baseline } from './run-record.js';
import { makeShape, type RunShape } from '../simulation/model/run-shape.js';
import { ElasticRun, type Stage } from './elastic-run.js';

const LANES = 16;
/** An odd number, and enough for a range for each of four servers; the border between the formats lies in the last one. */
const NUM_PARAMETERS = 12_301;
const SEED = 7;
/** Those below included. */
const NUM_SCHEDULES = 3;
const TIMEOUT_MS = 600_000;

const numWorkers = fc.oneof(fc.integer({ min: 1, max: LANES }), fc.constantFrom(3, 5, 7));
const stage = fc.record({ numWorkers, kills: fc.boolean() });
const schedule = fc.array(stage, { minLength: 2, maxLength: 4 });

const stagesOf = (counts: readonly number[], kills: boolean): Stage[] =>
  counts.map((count) => ({ numWorkers: count, kills }));

describe.each(WIRE_FORMATS)('any schedule of workers and servers, %s wire', (wire: WireFormat) => {
  const shape: RunShape = makeShape({ lanes: LANES, numWeights: NUM_PARAMETERS, epochs: 2, wire });
  const fixture = new ServerFixture();
  let baseline: Baseline;
  afterEach(() => fixture.close());

  /** One worker that adds up everything itself. */
  beforeAll(async () => {
    const exchange = new InMemoryRun(LANES);
    const alone = new ElasticRun({
      shape,
      baseline: null,
      stages: [{ numWorkers: 1, kills: false }],
      exchange: (workerId, listener) => exchange.exchange({ workerId, lanes: LANES, listener }),
    });
    await alone.run();
    baseline = alone.record.asBaseline();
  }, TIMEOUT_MS);

  async function expectSameBits(numServers: number, stages: readonly Stage[]): Promise<void> {
    const servers = await fixture.servers(numServers);
    const run = new ElasticRun({
      shape,
      baseline,
      stages,
      exchange: (workerId, listener) =>
        fixture.client(servers, { workerId, lanes: LANES, listener, patienceMs: 150_000 }).client,
    });
    await run.run();
    await fixture.close();
    expect(run.record.faults).toEqual([]);
    expect(run.record.finalDigest).toBe(baseline.finalDigest);
    expect(run.idleStages()).toEqual([]);
  }

  it(
    'ends in the bits of one worker alone',
    async () => {
      await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), schedule, expectSameBits), {
        numRuns: NUM_SCHEDULES,
        seed: SEED,
        examples: [
          [4, stagesOf([1, 3, 16, 5], false)],
          [3, stagesOf([16, 7, 12, 2], true)],
        ],
        endOnFailure: true,
      });
    },
    TIMEOUT_MS,
  );
});
