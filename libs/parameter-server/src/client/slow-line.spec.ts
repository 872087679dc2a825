import { afterEach, describe, expect, it } from '@jest/globals';
import { bitsOf, nodeVector } from '../testing/lane-vectors.js';
import { ServerFixture } from '../testing/server-fixture.js';
import { SlowLine } from '../testing/slow-line.js';

/** Four pieces: 4 MiB. */
const LENGTH = 2 ** 20;
const VECTOR_BYTES = 4 * LENGTH;
/** Headers, pings and lists of participants. */
const WORDS_BYTES = 0.02 * VECTOR_BYTES;
const HANDSHAKE_BYTES = 10_000;

describe('a participant behind a slow line', () => {
  const fixture = new ServerFixture();
  afterEach(() => fixture.close());

  it('is sent a root once, however often it says where it is', async () => {
    const { address } = await fixture.server();
    await using line = await SlowLine.to(address);
    line.allow(HANDSHAKE_BYTES);
    const [a, b] = [fixture.client([address]), fixture.client([line.address], { workerId: 'b', sharesMemory: false })];
    for (const { client } of [a, b]) {
      await client.connect();
      client.ready(0);
    }
    await a.recorder.untilParticipants('a', 'b');
    for (const lane of [0, 1])
      a.client.push(0, { lo: lane, hi: lane + 1 }, nodeVector({ lo: lane, hi: lane + 1 }, LENGTH));
    const root = await a.recorder.rootOf(0);

    // A piece and a half: some of it is here, some on its way, and the rest waits in the server.
    for (let part = 1; part <= 3; part += 1) {
      const before = b.client.receivedBytes;
      line.allow(VECTOR_BYTES / 8);
      while (b.client.receivedBytes === before) await new Promise(setImmediate);
      b.client.ready(0);
    }
    expect(b.recorder.roots.size).toBe(0);

    line.allow(Infinity);
    expect(bitsOf(await b.recorder.rootOf(0))).toBe(bitsOf(root));
    // This word comes behind all that was sent before.
    a.client.ready(7);
    await b.recorder.until('the word', () => b.recorder.lastParticipants.some(({ round }) => round === 7));
    expect(line.carriedBytes).toBeLessThan(VECTOR_BYTES + WORDS_BYTES);
    expect(b.recorder.connections.map(({ kind }) => kind)).toEqual(['connected']);
  });

  it('is sent nothing of a state that is no newer than its own', async () => {
    const { address } = await fixture.server();
    await using line = await SlowLine.to(address);
    line.allow(HANDSHAKE_BYTES);
    const [a, b] = [fixture.client([address]), fixture.client([line.address], { workerId: 'b', sharesMemory: false })];
    a.recorder.provide = async () => Promise.resolve({ round: 5, vectors: { w: new Float32Array(LENGTH) }, memory: 1 });
    for (const { client } of [a, b]) await client.connect();
    a.client.ready(5);
    await b.recorder.until('readiness', () => b.recorder.lastParticipants.some(({ round }) => round === 5));
    expect(await b.client.requestState({ newerThan: 5 })).toBeNull();
    expect(line.carriedBytes).toBeLessThan(HANDSHAKE_BYTES);
    line.allow(Infinity);
    expect((await b.client.requestState({ newerThan: 4 }))?.vectors['w']).toHaveLength(LENGTH);
  });
});
