import { afterEach, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RawPeer } from '../testing/raw-peer.js';
import { ServerFixture } from '../testing/server-fixture.js';

const TOKEN = 'secret';
const SEED = 20151210;
const NUM_RUNS = 150;

/** Values a field never has, and some it could. */
const anyValue = fc.oneof(
  fc.integer(),
  fc.constantFrom(-1, 0, 1, 2 ** 31, 2 ** 53, 1e308),
  fc.string({ maxLength: 20 }),
  fc.constant(null),
  fc.array(fc.integer(), { maxLength: 4 }),
  fc.object({ maxDepth: 2 }),
);

/** Frames that look like a participant's, with fields that are missing, wrong or too many. */
const frame = fc
  .record(
    {
      type: fc.constantFrom(
        'join',
        'follow',
        'ready',
        'push',
        'state-request',
        'state-begin',
        'state-chunk',
        'ping',
        'x',
      ),
      runId: anyValue,
      incarnation: anyValue,
      lanes: anyValue,
      round: anyValue,
      length: anyValue,
      lo: anyValue,
      hi: anyValue,
      format: fc.oneof(fc.constantFrom('fp32', 'bf16', 'fp16'), anyValue),
      node: anyValue,
      transfer: anyValue,
      offsetBytes: anyValue,
    },
    { requiredKeys: ['type'] },
  )
  .map((fields) => ({ ...fields }));

const message = fc.record({
  frame,
  payload: fc.uint8Array({ maxLength: 64 }),
  /** What the prefix says of the payload. */
  announcedBytes: fc.option(fc.nat(2 ** 31), { nil: undefined }),
});

describe('a parameter server', () => {
  const fixture = new ServerFixture();
  afterEach(async () => await fixture.close());

  it('refuses hostile frames of participants and strangers, and goes on serving without having kept anything', async () => {
    const server = await fixture.server({ token: TOKEN, memoryLimitBytes: 2 ** 22 });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(message, { minLength: 1, maxLength: 4 }),
        async (isParticipant, messages) => {
          const peer = new RawPeer(server.address);
          if (isParticipant) await peer.join('m', TOKEN);
          for (const { frame: sent, payload, announcedBytes } of messages) peer.send(sent, payload, announcedBytes);
          // Random bytes after them end what a payload that was announced too long would wait for.
          peer.socket.end();
          await peer.closed();
          const error = peer.frames.find(({ type }) => type === 'error');
          if (error?.type === 'error') expect(error.message.length).toBeGreaterThan(10);
        },
      ),
      { numRuns: NUM_RUNS, seed: SEED },
    );
    const participant = new RawPeer(server.address);
    await participant.join('honest', TOKEN);
    const sum = new Uint8Array(Float32Array.of(1, 2).buffer);
    participant.send({ type: 'follow', round: 0 });
    for (const lane of [0, 1]) {
      participant.send(
        { type: 'push', round: 0, length: 2, lo: 0, hi: 2, format: 'fp32', node: [lane, lane + 1] },
        sum,
      );
    }
    expect(await participant.frame('root')).toMatchObject({ round: 0, length: 2 });
    participant.socket.destroy();
    await participant.closed();
    for (let tries = 0; tries < 100 && server.stats.connections > 0; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(server.stats).toMatchObject({ connections: 0, runs: 0, participants: 0, memoryBytes: 0 });
  }, 60_000);
});
