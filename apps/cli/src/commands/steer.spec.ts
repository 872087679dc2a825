import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCoordinator, json, problem, type FakeCoordinator } from '../testing/fake-coordinator.js';
import type { RecordingIo } from '../testing/recording-io.js';
import { runSkiplane } from '../testing/run-skiplane.js';
import { sampleRun } from '../testing/sample-run.js';

const RUN = 'GET /v1/runs/a1b2c3d4';
const finished = sampleRun({ state: 'finished', finishedAt: 1_700_000_061_000, weightsSha256: 'e'.repeat(64) });

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => await server[Symbol.asyncDispose]());

const skiplane = (words: readonly string[]): Promise<RecordingIo> => runSkiplane([...words, '--url', server.url]);

describe('the commands about one run', () => {
  it('shows a run with its ledger', async () => {
    server.on(RUN, json(sampleRun()));
    const io = await skiplane(['show', 'a1b2c3d4']);
    expect(io.outLines.join('\n')).toContain('epoch 1  10240 of 10240 samples, nothing missing or repeated');
  });

  it('shows how far the shard caches of its hosts are filled', async () => {
    const cache = {
      host: 'node-1',
      numFiles: 147,
      numFilesHere: 12,
      numBytes: 22e9,
      numBytesHere: 3.1e9,
      maxBytes: 100e9,
      numHits: 9_900,
      numMisses: 100,
      fetchedBytes: 3.1e9,
    };
    server.on(RUN, json(sampleRun({ shardCaches: [cache, { ...cache, host: 'node-2', numHits: 0, numMisses: 0 }] })));
    const text = (await skiplane(['show', 'a1b2c3d4'])).outLines.join('\n');
    expect(text).toContain(
      'node-1: 12 of 147 files, 3.1 GB of 22.0 GB; 99.00 % of 10,000 reads found their file there',
    );
    expect(text).toMatch(/node-2: 12 of 147 files, 3.1 GB of 22.0 GB$/m);
  });

  it('ends with 5 when the state of the run does not allow an order', async () => {
    server.on(RUN, json(finished));
    server.on('POST /v1/runs/a1b2c3d4/pause', problem(409, 'Conflict'));
    expect((await skiplane(['pause', 'a1b2c3d4'])).exitCode()).toBe(5);
  });

  it('cancels', async () => {
    server.on(RUN, json(sampleRun()));
    server.on('POST /v1/runs/a1b2c3d4/cancel', json(sampleRun({ state: 'cancelled' })));
    const io = await skiplane(['cancel', 'a1b2c3d4']);
    expect(io.outLines).toEqual(['run a1b2c3d4 is cancelled']);
    expect(io.exitCode()).toBe(0);
  });

  it('ends with 5 for a run that is not there', async () => {
    server.on('GET /v1/runs?ref=nobody&archived=all&limit=100', json({ runs: [], total: 0, offset: 0, limit: 100 }));
    expect((await skiplane(['show', 'nobody'])).exitCode()).toBe(5);
  });
});
