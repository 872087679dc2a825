import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { randomStream, RecoverableError, RefusedInputError } from '#contracts';
import { packBfloat16, unpackBfloat16 } from '#vectors';
import { maximalSubtrees } from '../reduce/lane-tree.js';
import { describeExchange } from '../testing/exchange-conformance.js';
import { bitsOf, nodeVector } from '../testing/lane-vectors.js';
import { ServerFixture } from '../testing/server-fixture.js';

// Each takes a second or less; a machine with much else to do gets more.
jest.setTimeout(30_000);

for (const { numServers, sharesMemory } of [
  { numServers: 1, sharesMemory: true },
  { numServers: 3, sharesMemory: true },
  { numServers: 2, sharesMemory: false },
]) {
  const path = sharesMemory ? 'shared memory' : 'sockets';
  describeExchange(`${numServers} servers, payloads through ${path}`, async (lanes) => {
    const fixture = new ServerFixture();
    const servers = await fixture.servers(numServers);
    return {
      participant: (workerId, listener) => fixture.client(servers, { workerId, lanes, listener, sharesMemory }).client,
      close: () => fixture.close(),
    };
  });
}

// A sole member keeps its roots to itself, as soon as it may.
describeExchange('TCP, 2 servers, sole-member mode at once', async (lanes) => {
  const fixture = new ServerFixture();
  const servers = await fixture.servers(2);
  return {
    participant: (workerId, listener) =>
      fixture.client(servers, { workerId, lanes, listener, soleMemberAfterMs: 0 }).client,
    close: () => fixture.close(),
  };
});

/** The root, with the rounding of a single lane, which the exchange does. */
function rootVector(lanes: number, length: number, numRounded: number): Float32Array {
  const root = nodeVector({ lo: 0, hi: lanes }, length, { numRounded });
  const front = new Uint16Array(numRounded);
  packBfloat16(front, root.subarray(0, numRounded));
  unpackBfloat16(root.subarray(0, numRounded), front);
  return root;
}

describe('ParameterServerClient', () => {
  const fixture = new ServerFixture();
  afterEach(() => fixture.close());

  it('gives the same bits for every number of servers, workers and lanes, whoever drives what', async () => {
    const stream = randomStream(7);
    // Long enough to be cut into a range for each server.
    const length = 20_001;
    for (const [numServers, numRounded] of [1, 2, 3].flatMap((count) =>
      [0, 9_999].map((end) => [count, end] as const),
    )) {
      const servers = await fixture.servers(numServers);
      for (const lanes of [1, 2, 3, 5, 7]) {
        const workers = ['a', 'b', 'c'].slice(0, 1 + stream.nextInt(3)).map((workerId) => ({
          ...fixture.client(servers, { workerId, lanes, runId: `run-${lanes}-${numRounded}` }),
          lanes: [] as number[],
        }));
        for (let lane = 0; lane < lanes; lane += 1) workers[stream.nextInt(workers.length)]?.lanes.push(lane);
        await Promise.all(workers.map(({ client }) => client.connect()));
        for (const worker of workers) {
          worker.client.ready(0);
          for (const node of maximalSubtrees(lanes, worker.lanes))
            worker.client.push(0, node, nodeVector(node, length, { numRounded }), numRounded);
        }
        const expected = bitsOf(rootVector(lanes, length, numRounded));
        for (const { recorder } of workers) expect(bitsOf(await recorder.rootOf(0)) === expected).toBe(true);
      }
    }
  });

  it('rebuilds a server that was killed and restarted empty in the middle of a round', async () => {
    const steady = await fixture.server();
    const killed = await fixture.server();
    const port = Number(killed.address.split(':')[1]);
    const servers = [steady.address, killed.address];
    const [a, b] = ['a', 'b'].map((workerId) => fixture.client(servers, { workerId }));
    if (a === undefined || b === undefined) throw new Error('unreachable');
    await Promise.all([a.client.connect(), b.client.connect()]);
    const length = 600_000;
    a.client.ready(0);
    b.client.ready(0);
    a.client.push(0, { lo: 0, hi: 1 }, nodeVector({ lo: 0, hi: 1 }, length));
    await killed.close();
    await a.recorder.until('the loss', () => a.recorder.connections.some(({ kind }) => kind === 'disconnected'));
    b.client.push(0, { lo: 1, hi: 2 }, nodeVector({ lo: 1, hi: 2 }, length));
    await fixture.server({ port });
    const expected = bitsOf(nodeVector({ lo: 0, hi: 2 }, length));
    expect(bitsOf(await a.recorder.rootOf(0)) === expected).toBe(true);
    expect(bitsOf(await b.recorder.rootOf(0)) === expected).toBe(true);
    expect(a.recorder.rootOrder).toEqual([0]);
  });

  it.each([
    ['fp32', 0],
    ['bf16 that ends within that range', 333_333],
  ])('moves the range of a server that is gone to another, and back when it returns: %s', async (_wire, numRounded) => {
    const servers = [await fixture.server(), await fixture.server(), await fixture.server()];
    const addresses = servers.map(({ address }) => address);
    const [a, b] = ['a', 'b'].map((workerId) => fixture.client(addresses, { workerId }));
    if (a === undefined || b === undefined) throw new Error('unreachable');
    await Promise.all([a.client.connect(), b.client.connect()]);
    const length = 600_000;
    const lanes = [
      [a, { lo: 0, hi: 1 }],
      [b, { lo: 1, hi: 2 }],
    ] as const;
    const expectRoot = async (round: number): Promise<void> => {
      const expected = bitsOf(nodeVector({ lo: 0, hi: 2 }, length, { seed: round, numRounded }));
      for (const { recorder } of [a, b]) expect(bitsOf(await recorder.rootOf(round)) === expected).toBe(true);
    };
    for (const { client } of [a, b]) client.ready(0);
    // In flight when the server dies: one push is there, the other comes after it.
    a.client.push(0, { lo: 0, hi: 1 }, nodeVector({ lo: 0, hi: 1 }, length, { seed: 0, numRounded }), numRounded);
    const port = Number(addresses[1]?.split(':')[1]);
    await servers[1]?.close();
    b.client.push(0, { lo: 1, hi: 2 }, nodeVector({ lo: 1, hi: 2 }, length, { seed: 0, numRounded }), numRounded);
    await expectRoot(0);
    // With two of three gone.
    await servers[2]?.close();
    for (const [{ client }, node] of lanes)
      client.push(1, node, nodeVector(node, length, { seed: 1, numRounded }), numRounded);
    await expectRoot(1);
    const connects = (): number => a.recorder.connections.filter(({ kind }) => kind === 'connected').length;
    const before = connects();
    await fixture.server({ port });
    await a.recorder.until('the return', () => connects() > before);
    for (const [{ client }, node] of lanes)
      client.push(2, node, nodeVector(node, length, { seed: 2, numRounded }), numRounded);
    await expectRoot(2);
    expect(a.recorder.rootOrder).toEqual([0, 1, 2]);
  });

  it('completes rounds where one participant cannot reach a server that the others can', async () => {
    const servers = [await fixture.server(), await fixture.server()];
    const [first = '', second = ''] = servers.map(({ address }) => address);
    const a = fixture.client([first, second], { workerId: 'a' });
    // The same server under an address at which nobody answers.
    const b = fixture.client([first, '127.0.0.1:9'], { workerId: 'b' });
    await Promise.all([a.client.connect(), b.client.connect()]);
    const length = 20_001;
    for (const { client } of [a, b]) client.ready(0);
    a.client.push(0, { lo: 0, hi: 1 }, nodeVector({ lo: 0, hi: 1 }, length));
    b.client.push(0, { lo: 1, hi: 2 }, nodeVector({ lo: 1, hi: 2 }, length));
    const expected = bitsOf(nodeVector({ lo: 0, hi: 2 }, length));
    for (const { recorder } of [a, b]) expect(bitsOf(await recorder.rootOf(0)) === expected).toBe(true);
  });

  it('sends what is known of a vector while the rest is not, and again to a server that lost it', async () => {
    const steady = await fixture.server();
    const killed = await fixture.server();
    const servers = [steady.address, killed.address];
    const { client, recorder } = fixture.client(servers, { workerId: 'a', sharesMemory: false });
    await client.connect();
    const length = 3_000_000;
    const known = 2_000_000;
    const [node] = maximalSubtrees(2, [0, 1]);
    if (node === undefined) throw new Error('unreachable');
    const vector = nodeVector(node, length);
    client.ready(0);
    const open = client.begin(0, node, { length, numRounded: 0 });
    expect(client.crossesHosts).toBe(true);
    open.fill(known, vector.subarray(known));
    const until = async (server: typeof steady, bytes: number): Promise<void> => {
      const end = performance.now() + 5_000;
      while (server.traffic.receivedBytes < bytes && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 5));
      expect(server.traffic.receivedBytes).toBeGreaterThanOrEqual(bytes);
    };
    // Each server its share of the million elements that are known, less a piece that begins before them.
    const share = (4 * (length - known)) / 2 - 2 ** 20;
    await until(steady, share);
    await until(killed, share);
    expect(steady.traffic.receivedBytes).toBeLessThan(2 * length);
    const port = Number(killed.address.split(':')[1]);
    await killed.close();
    await recorder.until('the loss', () => recorder.connections.some(({ kind }) => kind === 'disconnected'));
    // The other one takes its pieces over, as far as they are known.
    await until(steady, 2 * share);
    const again = await fixture.server({ port });
    await until(again, share);
    open.fill(0, vector.subarray(0, known));
    expect(bitsOf(await recorder.rootOf(0)) === bitsOf(vector)).toBe(true);
  });

  it('answers a participant that lost its connection while the round was committed', async () => {
    const server = await fixture.server();
    const [a, b] = ['a', 'b'].map((workerId) => fixture.client([server.address], { workerId }));
    if (a === undefined || b === undefined) throw new Error('unreachable');
    await Promise.all([a.client.connect(), b.client.connect()]);
    a.client.ready(0);
    b.client.ready(0);
    a.client.push(0, { lo: 0, hi: 1 }, nodeVector({ lo: 0, hi: 1 }, 10));
    b.client.push(0, { lo: 1, hi: 2 }, nodeVector({ lo: 1, hi: 2 }, 10));
    await b.recorder.rootOf(0);
    b.client.ready(1);
    a.client.close();
    await b.recorder.untilParticipants('b');
    const again = fixture.client([server.address], { workerId: 'a' });
    await again.client.connect();
    again.client.ready(0);
    expect(bitsOf(await again.recorder.rootOf(0))).toBe(bitsOf(nodeVector({ lo: 0, hi: 2 }, 10)));
  });

  it('takes the participants from the next server when the first is gone', async () => {
    const first = await fixture.server();
    const second = await fixture.server();
    const a = fixture.client([first.address, second.address], { workerId: 'a' });
    await a.client.connect();
    await first.close();
    const b = fixture.client([second.address], { workerId: 'b' });
    await b.client.connect();
    await a.recorder.untilParticipants('a', 'b');
  });

  it('rejects with the reason where it is refused', async () => {
    const server = await fixture.server({ token: 'secret' });
    for (const token of [null, 'wrong']) {
      const { client, recorder } = fixture.client([server.address], { token });
      await expect(client.connect()).rejects.toThrow(RefusedInputError);
      expect(recorder.connections).toMatchObject([{ kind: 'refused', reason: expect.stringMatching(/token/) }]);
    }
    const { client } = fixture.client([server.address], { token: 'secret' });
    await client.connect();
    const other = fixture.client([server.address], { token: 'secret', lanes: 3, workerId: 'b' });
    await expect(other.client.connect()).rejects.toThrow(/has 2 lanes, this worker believes 3/);
  });

  it('says which servers do not answer', async () => {
    const server = await fixture.server();
    const { address } = server;
    await server.close();
    const { client } = fixture.client([address]);
    await expect(client.connect({ timeoutMs: 20 })).rejects.toThrow(RecoverableError);
    expect(() => fixture.client(['no-port'])).toThrow(/expected host:port/);
    expect(() => fixture.client([])).toThrow(/at least one/);
  });

  it('is told when another connection takes its place', async () => {
    const server = await fixture.server();
    const first = fixture.client([server.address]);
    await first.client.connect();
    const second = fixture.client([server.address]);
    await second.client.connect();
    await first.recorder.until('the refusal', () => first.recorder.connections.some(({ kind }) => kind === 'refused'));
    await second.recorder.untilParticipants('a');
  });
});
