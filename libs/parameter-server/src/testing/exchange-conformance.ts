import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RecoverableError } from '#contracts';
import type { GradientExchange } from '../exchange.js';
import { maximalSubtrees } from '../reduce/lane-tree.js';
import { ExchangeRecorder } from './exchange-recorder.js';
import { bitsOf, nodeVector } from './lane-vectors.js';

/** One run with its servers, if it has any. */
export interface ExchangeFixture {
  participant(workerId: string, recorder: ExchangeRecorder): GradientExchange;
  close(): Promise<void>;
}

const LANES = 3;
const LENGTH = 40_000;

/** Elements rounded to bfloat16: none, and an odd number that ends in the middle of a server's range. */
const WIRES = { fp32: 0, bf16: 29_999 } as const;

/** What every GradientExchange must do, whatever carries it, on both wires. The fixture's run has three lanes. */
export function describeExchange(name: string, open: (lanes: number) => Promise<ExchangeFixture>): void {
  for (const [wire, numRounded] of Object.entries(WIRES)) describeOnWire(`${name}, ${wire}`, numRounded, open);
}

function describeOnWire(name: string, numRounded: number, open: (lanes: number) => Promise<ExchangeFixture>): void {
  describe(`gradient exchange: ${name}`, () => {
    let fixture: ExchangeFixture;
    const joined: GradientExchange[] = [];

    async function join(workerId: string): Promise<{ exchange: GradientExchange; recorder: ExchangeRecorder }> {
      const recorder = new ExchangeRecorder();
      const exchange = fixture.participant(workerId, recorder);
      joined.push(exchange);
      await exchange.connect({ timeoutMs: 5_000 });
      return { exchange, recorder };
    }

    function push(exchange: GradientExchange, round: number, lanes: readonly number[]): void {
      for (const node of maximalSubtrees(LANES, lanes)) {
        exchange.push(round, node, nodeVector(node, LENGTH, { seed: round, numRounded }), numRounded);
      }
    }
    /** Has it pushed in three parts, the middle one last and one of them twice. */
    function pushInParts(exchange: GradientExchange, round: number, lanes: readonly number[]): void {
      for (const node of maximalSubtrees(LANES, lanes)) {
        const vector = nodeVector(node, LENGTH, { seed: round, numRounded });
        const part = exchange.begin(round, node, { length: LENGTH, numRounded });
        const [from, to] = [9_001, 30_003];
        part.fill(to, vector.subarray(to));
        part.fill(0, vector.subarray(0, from));
        part.fill(to, vector.subarray(to));
        part.fill(from, vector.subarray(from, to));
      }
    }
    const expected = (round: number): string =>
      bitsOf(nodeVector({ lo: 0, hi: LANES }, LENGTH, { seed: round, numRounded }));

    beforeEach(async () => {
      fixture = await open(LANES);
    });
    afterEach(async () => {
      for (const exchange of joined.splice(0)) await exchange.leave();
      await fixture.close();
    });

    it('gives every follower the same root, round after round', async () => {
      const [a, b] = [await join('a'), await join('b')];
      for (let round = 0; round < 4; round += 1) {
        a.exchange.ready(round);
        b.exchange.ready(round);
        push(b.exchange, round, [0, 2]);
        push(a.exchange, round, [1]);
        expect(bitsOf(await a.recorder.rootOf(round))).toBe(expected(round));
        expect(bitsOf(await b.recorder.rootOf(round))).toBe(expected(round));
      }
      expect(a.recorder.rootOrder).toEqual([0, 1, 2, 3]);
    });

    it('tells a participant that says again where it is how far the others have pushed', async () => {
      const [a, b] = [await join('a'), await join('b')];
      const roundOf = (workerId: string): number | null | undefined =>
        b.recorder.lastParticipants.find((participant) => participant.workerId === workerId)?.round;
      a.exchange.ready(0);
      b.exchange.ready(0);
      for (let round = 0; round < 3; round += 1) {
        push(a.exchange, round, [0, 1, 2]);
        await a.recorder.rootOf(round);
      }
      b.exchange.ready(0);
      await b.recorder.until('the round of a', () => roundOf('a') === 2);
      expect(roundOf('b')).toBe(0);
    });

    it('tells the first ready participant how fast everybody was in a round that is over', async () => {
      const [late, a, b] = [await join('late'), await join('a'), await join('b')];
      await a.recorder.untilParticipants('late', 'a', 'b');
      const times = { lanes: 1, engines: 1, dataMs: 1, computeMs: 2, updateMs: 3 };
      for (let round = 0; round < 3; round += 1) {
        a.exchange.ready(round);
        b.exchange.ready(round);
        push(b.exchange, round, [0, 2]);
        b.exchange.handedIn(round, { ...times, lanes: 2 });
        push(a.exchange, round, [1]);
        a.exchange.handedIn(round, times);
        await a.recorder.rootOf(round);
        await b.recorder.rootOf(round);
      }
      await a.recorder.until('the participants', () => a.recorder.toldTimes.has(1));
      const participants = a.recorder.toldTimes
        .get(1)
        ?.toSorted((left, right) => (left.workerId < right.workerId ? -1 : 1));
      const arrivedMs = expect.any(Number);
      expect(participants).toEqual([
        { workerId: 'a', ...times, arrivedMs },
        { workerId: 'b', ...times, lanes: 2, arrivedMs },
      ]);
      expect([late.recorder.toldTimes.size, b.recorder.toldTimes.size]).toEqual([0, 0]);
    });

    it('takes repeated and overlapping pushes without changing a bit', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.exchange.ready(0);
      b.exchange.ready(0);
      push(a.exchange, 0, [0]);
      push(a.exchange, 0, [0]);
      push(b.exchange, 0, [0, 1]);
      push(a.exchange, 0, [1]);
      push(b.exchange, 0, [2]);
      expect(bitsOf(await a.recorder.rootOf(0))).toBe(expected(0));
      expect(bitsOf(await b.recorder.rootOf(0))).toBe(expected(0));
    });

    it('takes vectors that become known part by part', async () => {
      const [a, b] = [await join('a'), await join('b')];
      for (let round = 0; round < 4; round += 1) {
        a.exchange.ready(round);
        b.exchange.ready(round);
        pushInParts(b.exchange, round, [0, 2]);
        (round % 2 === 0 ? push : pushInParts)(a.exchange, round, [1]);
        expect(bitsOf(await a.recorder.rootOf(round))).toBe(expected(round));
        expect(bitsOf(await b.recorder.rootOf(round))).toBe(expected(round));
      }
    });

    it('waits for what is never filled in until somebody else pushes it', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.exchange.ready(0);
      b.exchange.ready(0);
      const part = a.exchange.begin(0, { lo: 0, hi: 2 }, { length: LENGTH, numRounded });
      const vector = nodeVector({ lo: 0, hi: 2 }, LENGTH, { seed: 0, numRounded });
      part.fill(20_000, vector.subarray(20_000));
      push(b.exchange, 0, [2]);
      push(b.exchange, 0, [0, 1]);
      expect(bitsOf(await a.recorder.rootOf(0))).toBe(expected(0));
      for (let round = 1; round < 4; round += 1) {
        push(a.exchange, round, [0, 1, 2]);
        // Long over: its memory may be a root's by now.
        part.fill(0, new Float32Array(20_000).fill(NaN));
        expect(bitsOf(await a.recorder.rootOf(round))).toBe(expected(round));
      }
    });

    it('gives a participant that says it is ready late the roots it missed', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.exchange.ready(0);
      push(a.exchange, 0, [0, 1, 2]);
      await a.recorder.rootOf(0);
      a.exchange.ready(1);
      push(a.exchange, 1, [0, 1, 2]);
      await a.recorder.rootOf(1);
      expect(b.recorder.rootOrder).toEqual([]);
      b.exchange.ready(0);
      expect(bitsOf(await b.recorder.rootOf(0))).toBe(expected(0));
      expect(bitsOf(await b.recorder.rootOf(1))).toBe(expected(1));
    });

    it('gives the root again to a participant that goes back to a round', async () => {
      const a = await join('a');
      a.exchange.ready(0);
      push(a.exchange, 0, [0, 1, 2]);
      await a.recorder.rootOf(0);
      a.recorder.roots.clear();
      a.exchange.ready(0);
      expect(bitsOf(await a.recorder.rootOf(0))).toBe(expected(0));
      a.exchange.ready(0, [0]);
      a.exchange.ready(1);
      push(a.exchange, 1, [0, 1, 2]);
      await a.recorder.rootOf(1);
      expect(a.recorder.rootOrder).toEqual([0, 0, 1]);
    });

    it('tells participants of each other', async () => {
      const a = await join('a');
      await a.recorder.untilParticipants('a');
      const b = await join('b');
      await a.recorder.untilParticipants('a', 'b');
      b.exchange.ready(7);
      await a.recorder.until('readiness', () => a.recorder.lastParticipants[1]?.round === 7);
      expect(a.recorder.lastParticipants.map(({ isReady }) => isReady)).toEqual([false, true]);
      await b.exchange.leave();
      await a.recorder.untilParticipants('a');
      const again = await join('b');
      await again.recorder.untilParticipants('a', 'b');
      expect(again.recorder.lastParticipants[1]?.isReady).toBe(false);
    });

    it('hands the state of a ready participant to a newcomer, which then follows from there', async () => {
      const a = await join('a');
      a.exchange.ready(0);
      push(a.exchange, 0, [0, 1, 2]);
      await a.recorder.rootOf(0);
      a.exchange.ready(1);
      push(a.exchange, 1, [0, 1, 2]);
      await a.recorder.rootOf(1);
      const vectors = {
        weights: nodeVector({ lo: 0, hi: 1 }, 700_000),
        nothing: new Float32Array(0),
        'slots/momentum': nodeVector({ lo: 1, hi: 2 }, 5),
      };
      const memory = { best: 0.1, note: 'groß', steps: Array.from({ length: 100_000 }, (_, step) => step) };
      a.recorder.provide = async () => Promise.resolve({ round: 1, vectors, memory });
      const b = await join('b');
      const state = await b.exchange.requestState({ timeoutMs: 5_000 });
      if (state === null) throw new Error('no state is newer');
      expect(state.round).toBe(1);
      const bits = (of: typeof state.vectors): unknown => Object.entries(of).map(([key, v]) => [key, bitsOf(v)]);
      expect(bits(state.vectors)).toEqual(bits(vectors));
      expect(state.memory).toEqual(memory);
      expect(bitsOf(await b.recorder.rootOf(1))).toBe(expected(1));
      expect(b.recorder.roots.has(0)).toBe(false);
      expect(await b.exchange.requestState({ newerThan: 1, timeoutMs: 5_000 })).toBeNull();
      expect((await b.exchange.requestState({ newerThan: 0, timeoutMs: 5_000 }))?.round).toBe(1);
    });

    it('says at once where nobody can give state', async () => {
      const [a, b] = [await join('a'), await join('b')];
      await expect(b.exchange.requestState()).rejects.toThrow(/no other participant of the run is ready/);
      a.exchange.ready(0);
      await b.recorder.until('readiness', () => b.recorder.lastParticipants[0]?.isReady === true);
      await expect(b.exchange.requestState()).rejects.toThrow(/no complete state/);
      await expect(b.exchange.requestState()).rejects.toBeInstanceOf(RecoverableError);
    });

    it('neither counts on nor asks a participant that has fallen behind', async () => {
      const [a, b, c] = [await join('a'), await join('b'), await join('c')];
      a.exchange.ready(0);
      b.exchange.ready(3);
      b.exchange.unready();
      await c.recorder.until('readiness', () => c.recorder.lastParticipants[0]?.isReady === true);
      expect(c.recorder.lastParticipants.map(({ isReady }) => isReady)).toEqual([true, false, false]);
      a.recorder.provide = async () => Promise.resolve({ round: 0, vectors: {}, memory: null });
      expect((await c.exchange.requestState({ timeoutMs: 5_000 }))?.round).toBe(0);
      expect((await b.exchange.requestState({ timeoutMs: 5_000 }))?.round).toBe(0);
      b.exchange.ready(4);
      await c.recorder.until('readiness', () => c.recorder.lastParticipants[1]?.round === 4);
    });

    it('ends a transfer when the donor leaves, the receiver aborts or nothing comes', async () => {
      const [a, b] = [await join('a'), await join('b')];
      a.exchange.ready(0);
      await b.recorder.until('readiness', () => b.recorder.lastParticipants[0]?.isReady === true);
      const aborts: Promise<void>[] = [];
      a.recorder.provide = async (signal) => {
        aborts.push(new Promise((resolve) => signal.addEventListener('abort', () => resolve())));
        return await new Promise(() => undefined);
      };
      const abort = new AbortController();
      const first = b.exchange.requestState({ signal: abort.signal });
      const firstFails = expect(first).rejects.toBeInstanceOf(RecoverableError);
      await a.recorder.until('the first request', () => a.recorder.numAsked === 1);
      abort.abort();
      await firstFails;
      await aborts[0];
      await expect(b.exchange.requestState({ timeoutMs: 30 })).rejects.toBeInstanceOf(RecoverableError);
      const third = b.exchange.requestState();
      const thirdFails = expect(third).rejects.toThrow(/left during the transfer/);
      await a.recorder.until('the third request', () => a.recorder.numAsked === 3);
      await a.exchange.leave();
      await thirdFails;
    });

    it('may be left twice', async () => {
      const a = await join('a');
      await a.exchange.leave();
      await a.exchange.leave();
      await expect(a.exchange.requestState()).rejects.toBeInstanceOf(RecoverableError);
    });
  });
}
