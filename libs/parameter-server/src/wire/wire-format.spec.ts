import { afterEach, describe, expect, it } from '@jest/globals';
import type { ParameterServerClient } from '../client/client.js';
import type { ExchangeRecorder } from '../testing/exchange-recorder.js';
import { addOneBfloat16, bitsOfFloat, roundToBfloat16 } from '#vectors/testing';
import { laneVector } from '../testing/lane-vectors.js';
import { ServerFixture } from '../testing/server-fixture.js';

interface Pair {
  readonly clients: readonly ParameterServerClient[];
  readonly recorders: readonly ExchangeRecorder[];
}

describe('a 16-bit wire', () => {
  const fixture = new ServerFixture();
  afterEach(() => fixture.close());

  /** Two workers of a run of two lanes, ready for round 0. */
  async function pair(servers: readonly string[], runId: string): Promise<Pair> {
    const both = ['a', 'b'].map((workerId) => fixture.client(servers, { workerId, runId }));
    await Promise.all(both.map(({ client }) => client.connect()));
    for (const { client } of both) client.ready(0);
    return { clients: both.map(({ client }) => client), recorders: both.map(({ recorder }) => recorder) };
  }

  it('carries sums of rounded gradients as the scalar reference has them, and the rest as it is', async () => {
    const [length, numRounded] = [9_001, 5_001];
    const { clients, recorders } = await pair(await fixture.servers(2), 'run');
    for (const [lane, client] of clients.entries()) {
      client.push(0, { lo: lane, hi: lane + 1 }, laneVector(lane, length), numRounded);
    }
    const [left, right] = [laneVector(0, length), laneVector(1, length)];
    const expected = Uint32Array.from(left, (value, index) => {
      const other = right[index] ?? 0;
      const halves = [value, other].map((each) => roundToBfloat16(bitsOfFloat(each)));
      return index < numRounded ? addOneBfloat16(halves[0] ?? 0, halves[1] ?? 0) << 16 : bitsOfFloat(value + other);
    });
    for (const recorder of recorders) expect(new Uint32Array((await recorder.rootOf(0)).buffer)).toEqual(expected);
  });

  it('lets through what is not finite, and makes what is too large infinite', async () => {
    const { clients, recorders } = await pair(await fixture.servers(1), 'run');
    const lanes = [
      [Number.NaN, Infinity, 3.4e38, 2e38, -Infinity, 1],
      [1, -Infinity, 0, 2e38, 1, 1],
    ];
    for (const [lane, client] of clients.entries()) {
      client.push(0, { lo: lane, hi: lane + 1 }, Float32Array.from(lanes[lane] ?? []), 6);
    }
    const root = await recorders[0]?.rootOf(0);
    expect([...(root ?? [])]).toEqual([Number.NaN, Number.NaN, Infinity, Infinity, -Infinity, 2]);
  });

  it('halves the bytes of gradients both ways', async () => {
    const length = 500_000;
    const traffic: { readonly receivedBytes: number; readonly sentBytes: number }[] = [];
    for (const numRounded of [0, length]) {
      const server = await fixture.server();
      const { clients, recorders } = await pair([server.address], 'run');
      for (const [lane, client] of clients.entries()) {
        client.push(0, { lo: lane, hi: lane + 1 }, laneVector(lane, length), numRounded);
      }
      for (const recorder of recorders) await recorder.rootOf(0);
      traffic.push(server.traffic);
    }
    const [fp32, bf16] = traffic;
    // Two workers and four bytes, beside headers of a few hundred bytes a frame and the handshakes.
    expect(fp32?.receivedBytes).toBeGreaterThan(length * 8);
    for (const way of ['receivedBytes', 'sentBytes'] as const) {
      expect((bf16?.[way] ?? 0) / (fp32?.[way] ?? 0)).toBeCloseTo(0.5, 2);
    }
  });

  it('refuses a participant that speaks another format than the rest of the run', async () => {
    const { clients, recorders } = await pair(await fixture.servers(1), 'run');
    clients[0]?.push(0, { lo: 0, hi: 1 }, laneVector(0, 100), 50);
    clients[1]?.push(0, { lo: 1, hi: 2 }, laneVector(1, 100));
    const refusals = (): (string | null)[] =>
      recorders.flatMap(({ connections }) => connections.filter(({ kind }) => kind === 'refused').map((e) => e.reason));
    await Promise.race(recorders.map((recorder) => recorder.until('the refusal', () => refusals().length > 0)));
    expect(refusals()[0]).toMatch(/was pushed as \[0, \d+\) of (fp32|bf16) before/);
  });
});
