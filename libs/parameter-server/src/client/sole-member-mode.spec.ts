import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ParameterServerClient } from './client.js';
import type { ExchangeRecorder } from '../testing/exchange-recorder.js';
import { bitsOf, nodeVector } from '../testing/lane-vectors.js';
import { RawPeer } from '../testing/raw-peer.js';
import { ServerFixture } from '../testing/server-fixture.js';

// Each takes a second or less; a machine with much else to do gets more.
jest.setTimeout(30_000);

/** Longer than a chunk, so that every server has a range. */
const LENGTH = 600_000;
const WHOLE = { lo: 0, hi: 2 };
const PATIENCE_MS = 400;

interface Participant {
  readonly client: ParameterServerClient;
  readonly recorder: ExchangeRecorder;
}

describe('sole-member mode', () => {
  const fixture = new ServerFixture();
  const peers: RawPeer[] = [];
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.socket.destroy();
    await fixture.close();
  });

  const participant = async (servers: readonly string[], workerId: string): Promise<Participant> => {
    const made = fixture.client(servers, { workerId, soleMemberAfterMs: 0 });
    await made.client.connect();
    return made;
  };
  const expected = (round: number): string => bitsOf(nodeVector(WHOLE, LENGTH, { seed: round }));
  const step = async ({ client, recorder }: Participant, round: number): Promise<void> => {
    client.push(round, WHOLE, nodeVector(WHOLE, LENGTH, { seed: round }));
    expect(bitsOf(await recorder.rootOf(round)) === expected(round)).toBe(true);
  };
  const untilSoleMember = async ({ client }: Participant, is = true): Promise<void> => {
    const end = Date.now() + 5_000;
    while (client.isInSoleMemberMode !== is) {
      if (Date.now() > end) throw new Error(`sole-member mode is never ${is}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const peer = async (address: string, workerId: string): Promise<RawPeer> => {
    const made = new RawPeer(address);
    peers.push(made);
    await made.join(workerId);
    return made;
  };

  it('is told its own times, without asking the servers', async () => {
    const server = await fixture.server();
    const a = await participant([server.address], 'a');
    await untilSoleMember(a);
    a.client.ready(0);
    const times = { lanes: 2, engines: 1, dataMs: 1, computeMs: 2, updateMs: 3 };
    for (let round = 0; round < 3; round += 1) {
      await step(a, round);
      a.client.handedIn(round, times);
    }
    const arrivedMs = expect.any(Number);
    expect([...a.recorder.toldTimes]).toEqual([
      [0, [{ workerId: 'a', ...times, arrivedMs: null }]],
      [1, [{ workerId: 'a', ...times, arrivedMs }]],
    ]);
  });

  it('has its roots without a byte of them at the servers', async () => {
    const servers = [await fixture.server(), await fixture.server()];
    const a = await participant(
      servers.map(({ address }) => address),
      'a',
    );
    await untilSoleMember(a);
    a.client.ready(0);
    for (let round = 0; round < 5; round += 1) await step(a, round);
    expect(a.recorder.rootOrder).toEqual([0, 1, 2, 3, 4]);
    expect(servers.map(({ stats }) => stats.memoryBytes)).toEqual([0, 0]);
  });

  it('shares its roots with who joins, from the last one on, and keeps them again when that one leaves', async () => {
    const servers = await fixture.servers(2);
    const a = await participant(servers, 'a');
    await untilSoleMember(a);
    a.client.ready(0);
    for (let round = 0; round < 3; round += 1) await step(a, round);
    const b = await participant(servers, 'b');
    expect(a.client.isInSoleMemberMode).toBe(false);
    b.client.ready(2);
    expect(bitsOf(await b.recorder.rootOf(2)) === expected(2)).toBe(true);
    for (const [one, lo] of [
      [b, 0],
      [a, 1],
    ] as const) {
      const node = { lo, hi: lo + 1 };
      one.client.push(3, node, nodeVector(node, LENGTH, { seed: 3 }));
    }
    for (const { recorder } of [a, b]) expect(bitsOf(await recorder.rootOf(3)) === expected(3)).toBe(true);
    await b.client.leave();
    await untilSoleMember(a);
    await step(a, 4);
    expect(a.recorder.rootOrder).toEqual([0, 1, 2, 3, 4]);
  });

  it('keeps out who joins while a round without a vector is under way, and tells how far it is', async () => {
    const servers = await fixture.servers(2);
    const a = await participant(servers, 'a');
    expect(a.client.claimRound(0)).toBe(false);
    await untilSoleMember(a);
    a.client.ready(0);
    for (let round = 0; round < 3; round += 1) {
      expect(a.client.claimRound(round)).toBe(true);
      a.client.committedAlone(round);
    }
    expect(a.client.claimRound(3)).toBe(true);
    const { client, recorder } = fixture.client(servers, { workerId: 'b' });
    const connected = client.connect();
    await untilSoleMember(a, false);
    expect(a.client.claimRound(4)).toBe(false);
    expect(recorder.connections).toEqual([]);
    a.client.committedAlone(3);
    await connected;
    await recorder.until('the round', () => recorder.lastParticipants[0]?.round === 4);
    a.recorder.provide = async () => Promise.resolve({ round: 4, vectors: {}, memory: null });
    expect((await client.requestState())?.round).toBe(4);
    a.client.push(4, WHOLE, nodeVector(WHOLE, LENGTH, { seed: 4 }));
    expect(bitsOf(await recorder.rootOf(4)) === expected(4)).toBe(true);
    expect(recorder.rootOrder).toEqual([4]);
  });

  it('lets in who waits once a claimed round is pushed after all', async () => {
    const servers = await fixture.servers(2);
    const a = await participant(servers, 'a');
    await untilSoleMember(a);
    a.client.ready(0);
    expect(a.client.claimRound(0)).toBe(true);
    const { client, recorder } = fixture.client(servers, { workerId: 'b' });
    const connected = client.connect();
    await untilSoleMember(a, false);
    a.client.push(0, WHOLE, nodeVector(WHOLE, LENGTH, { seed: 0 }));
    await connected;
    client.ready(0);
    expect(bitsOf(await recorder.rootOf(0)) === expected(0)).toBe(true);
  });

  it('goes on through a server that was killed and started again, empty', async () => {
    const killed = await fixture.server();
    const port = Number(killed.address.split(':')[1]);
    const a = await participant([killed.address], 'a');
    await untilSoleMember(a);
    a.client.ready(0);
    await step(a, 0);
    await killed.close();
    await a.recorder.until('the loss', () => a.recorder.connections.some(({ kind }) => kind === 'disconnected'));
    expect(a.client.isInSoleMemberMode).toBe(false);
    a.client.push(1, WHOLE, nodeVector(WHOLE, LENGTH, { seed: 1 }));
    await fixture.server({ port });
    expect(bitsOf(await a.recorder.rootOf(1)) === expected(1)).toBe(true);
    await untilSoleMember(a);
    await step(a, 2);
  });

  it('keeps nobody out longer than it lives: one that hangs is given up, who waits is let in', async () => {
    const { address } = await fixture.server({ patienceMs: PATIENCE_MS });
    const hung = await peer(address, 'hung');
    hung.send({ type: 'sole-member-request' });
    await hung.frame('sole-member-granted');
    const b = await participant([address], 'b');
    await hung.frame('sole-member-end');
    await hung.closed();
    await b.recorder.untilParticipants('b');
  });

  it('does not wait for itself on a new connection', async () => {
    const { address } = await fixture.server();
    const first = await peer(address, 'a');
    first.send({ type: 'sole-member-request' });
    await first.frame('sole-member-granted');
    await peer(address, 'a');
    await first.closed();
  });

  it('is granted nothing while there are others, or while one waits', async () => {
    const { address } = await fixture.server({ patienceMs: 60_000 });
    const a = await peer(address, 'a');
    const b = await peer(address, 'b');
    a.send({ type: 'sole-member-request' });
    b.send({ type: 'leave' });
    await b.closed();
    a.send({ type: 'sole-member-request' });
    await a.frame('sole-member-granted');
    expect(a.frames.filter(({ type }) => type === 'sole-member-granted')).toHaveLength(1);

    // One gives up waiting, another is let in when the word is given.
    const waits = new RawPeer(address);
    peers.push(waits);
    const isJoined = waits.join('c').catch(() => 'not let in');
    await a.frame('sole-member-end');
    waits.socket.destroy();
    expect(await isJoined).toBe('not let in');
    const d = peer(address, 'd');
    a.send({ type: 'sole-member-over' });
    await d;
  });
});
