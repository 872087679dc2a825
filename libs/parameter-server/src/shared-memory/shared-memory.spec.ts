import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bytesOf } from '../wire/chunk-buffers.js';
import { encodeHeader, placedAt } from '../wire/frame-codec.js';
import { RawPeer } from '../testing/raw-peer.js';
import { ServerFixture } from '../testing/server-fixture.js';
import { BYTES_PER_ELEMENT, CHUNK_BYTES } from '../reduce/ranges.js';
import { ServerMemory } from '../server/server-memory.js';
import { SlabPool, heldSlab, slabOperations } from '../server/slab-pool.js';
import { IncomingSlots } from './incoming-slots.js';
import { CopiedPayloads, LentPayloads } from './payload-path.js';
import { SharedSegment } from './shared-segment.js';
import { NUM_PUSHES, segmentBytes, Slots } from './slots.js';

const numMapped = (): number => readFileSync('/proc/self/maps', 'utf8').split('memfd:skiplane').length - 1;
const numOpen = (): number => readdirSync('/proc/self/fd').length;

describe('a segment of shared memory', () => {
  it('is one memory for both who map it, and leaves nothing behind', () => {
    const [mapped, open] = [numMapped(), numOpen()];
    const made = SharedSegment.create(8_192);
    if (made === null) throw new Error('Linux has such memory');
    const other = SharedSegment.open(made.location);
    if (other === null) throw new Error('a process may open its own segment');
    made.opened();
    made.segment.part(8_000, 192)[191] = 7;
    expect([other.bytes, other.part(8_000, 192)[191]]).toEqual([8_192, 7]);
    for (const segment of [made.segment, other, other]) segment.close();
    expect([other.bytes, numMapped(), numOpen()]).toEqual([0, mapped, open]);
  });

  it('is not opened where process, key, size or seals are those of something else', () => {
    const open = numOpen();
    const made = SharedSegment.create(8_192);
    if (made === null) throw new Error('Linux has such memory');
    const { location, segment, opened } = made;
    const folder = mkdtempSync(join(tmpdir(), 'skiplane-segment-'));
    const file = openSync(join(folder, 'unsealed'), 'w+');
    truncateSync(join(folder, 'unsealed'), 8_192);
    const wrong = [
      { ...location, pid: 4_194_305 },
      { ...location, fd: file },
      { ...location, bytes: 4_096 },
      { ...location, key: 'ab'.repeat(32) },
    ];
    expect(wrong.map((each) => SharedSegment.open(each))).toEqual([null, null, null, null]);
    closeSync(file);
    rmSync(folder, { recursive: true });
    opened();
    segment.close();
    expect(numOpen()).toBe(open);
  });
});

/** Slots of a participant, as it and a server have them. */
function participantSlots(memory: ServerMemory): { readonly own: Slots; readonly seen: Slots } {
  const made = SharedSegment.create(segmentBytes(NUM_PUSHES));
  if (made === null) throw new Error('Linux has such memory');
  const seen = memory.open(made.location);
  made.opened();
  if (seen === null) throw new Error('a process may open its own segment');
  return { own: new Slots(made.segment), seen };
}

describe('payloads in shared memory', () => {
  const memory = (pool: SlabPool): ServerMemory => {
    const shared = pool.share();
    if (shared === null) throw new Error('Linux has such memory');
    return shared;
  };
  const numbers = (first: number): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: 9_000 }, (_, i) => first + i);
  const payload = (values: Float32Array<ArrayBuffer>) => ({
    payload: bytesOf(values),
    place: null,
    flushed: () => undefined,
  });

  it('are added where they lie, and the sum is read where it was written', async () => {
    const before = numMapped();
    const pool = new SlabPool(2 ** 30);
    const server = memory(pool);
    const news: number[][] = [];
    const parts = [1, 0.25].map((first) => {
      const { own, seen } = participantSlots(server);
      const [sent, incoming] = [new CopiedPayloads(own), new IncomingSlots(seen, (slots) => news.push([...slots]))];
      const place = sent.hand(payload(numbers(first)));
      const held = place && incoming.hold(place, 36_000);
      if (held === null) throw new Error('there is room');
      return { sent, incoming, slab: heldSlab(held, 'fp32') };
    });
    const [left, right] = parts;
    if (left === undefined || right === undefined) throw new Error('two participants');
    const sum = slabOperations(pool).add(left.slab, right.slab);
    expect([sum.isOwn, sum.values[0], sum.values[8_999]]).toEqual([true, 1.25, 17_999.25]);
    await new Promise(setImmediate);
    expect(news).toEqual([[0], [0]]);
    for (const { sent } of parts) sent.taken([0]);
    expect(() => left.sent.taken([0])).toThrow(/nothing is in it/);
    const lent = new LentPayloads();
    const place = lent.hand({ payload: sum.bytes, place: sum.place, flushed: () => sum.release() });
    const sums = SharedSegment.open(server.location);
    if (place === null || sums === null) throw new Error('the sum lies in memory of the server');
    const reader = new IncomingSlots(new Slots(sums), lent.taken.bind(lent));
    const root = new Uint8Array(36_000);
    reader.read(place, root.length, (bytes) => root.set(bytes));
    expect(new Float32Array(root.buffer)[8_999]).toBe(17_999.25);
    await new Promise(setImmediate);
    expect(pool.usedBytes).toBe(0);
    reader.close();
    for (const { sent, incoming } of parts) for (const end of [sent, incoming]) end.close();
    pool.close();
    expect(numMapped()).toBe(before);
  });

  it('are not taken for what is in their slot later on', () => {
    const pool = new SlabPool(2 ** 30);
    const server = memory(pool);
    const slab = pool.take(9_000, 'fp32');
    const sums = SharedSegment.open(server.location);
    const place = slab.place;
    if (sums === null || place === null) throw new Error('the slab lies in memory of the server');
    const reader = new IncomingSlots(new Slots(sums), () => undefined);
    slab.release();
    expect(pool.take(9_000, 'fp32').place).toEqual({ slot: place.slot, generation: place.generation + 1 });
    expect(() => reader.read(place, 8, () => undefined)).toThrow(/overwritten before it was read/);
    reader.close();
    pool.close();
  });

  it('stay where they are up to seven of eight, and as long as they are used', async () => {
    const pool = new SlabPool(2 ** 30);
    const server = memory(pool);
    const { own, seen } = participantSlots(server);
    const news: number[] = [];
    const [sent, incoming] = [new CopiedPayloads(own), new IncomingSlots(seen, (slots) => news.push(...slots))];
    const held = Array.from({ length: NUM_PUSHES }, (_, index) => {
      const place = sent.hand(payload(numbers(index)));
      return place && incoming.hold(place, 36_000);
    });
    expect([sent.hasRoom, sent.hand(payload(numbers(0)))]).toEqual([false, null]);
    expect(held.filter((each) => each !== null)).toHaveLength((NUM_PUSHES * 7) / 8);
    incoming.close();
    sent.close();
    expect(held[55]?.bytes.at(3)).toBe(0x42);
    for (const each of held) each?.release();
    await new Promise(setImmediate);
    expect(news).toEqual([]);
    // Its place is there for another participant.
    const others = Array.from({ length: 24 }, () => participantSlots(server));
    const more = SharedSegment.create(segmentBytes(NUM_PUSHES));
    if (more === null) throw new Error('Linux has such memory');
    expect(server.open(more.location)).toBeNull();
    more.opened();
    more.segment.close();
    for (const { own: one, seen: other } of others) for (const each of [one, other]) each.close();
    expect(() => seen.bytes(0, CHUNK_BYTES)).toThrow(/in slot 0/);
    pool.close();
  });
});

describe('an exchange within a host', () => {
  const fixture = new ServerFixture();
  afterEach(() => fixture.close());
  /** More than the rings of both servers hold. */
  const LENGTH = 3_000_000;

  // Sums of which nothing is lost in bf16.
  it.each([
    [true, 'fp32'],
    [false, 'fp32'],
    [true, 'bf16'],
    [false, 'bf16'],
  ] as const)('has the same roots with shared memory (%s) in %s', async (sharesMemory, format) => {
    const servers = [await fixture.server(), await fixture.server()];
    const addresses = servers.map(({ address }) => address);
    const both = ['a', 'b'].map((workerId) => fixture.client(addresses, { workerId, sharesMemory }));
    await Promise.all(both.map(({ client }) => client.connect()));
    const step = async (round: number, length: number): Promise<void> => {
      for (const [lane, { client }] of both.entries()) {
        client.ready(round);
        const vector = new Float32Array(length).fill(lane + round).fill(0.5, 1, 9);
        client.push(round, { lo: lane, hi: lane + 1 }, vector, format === 'bf16' ? length : 0);
      }
      const sum = new Float32Array(length).fill(2 * round + 1).fill(1, 1, 9);
      for (const { recorder } of both)
        expect(Buffer.compare(bytesOf(await recorder.rootOf(round)), bytesOf(sum))).toBe(0);
    };
    // The servers' answers are here before the root of a first round, of which both have a range.
    await step(1, 20_000);
    for (const round of [2, 3, 4]) await step(round, LENGTH);
    const { receivedBytes, sharedBytes } = servers
      .map(({ traffic }) => traffic)
      .reduce((sum, traffic) => ({
        ...sum,
        receivedBytes: sum.receivedBytes + traffic.receivedBytes,
        sharedBytes: sum.sharedBytes + traffic.sharedBytes,
      }));
    const pushedBytes = 3 * 2 * LENGTH * BYTES_PER_ELEMENT[format];
    expect(receivedBytes).toBeGreaterThanOrEqual(pushedBytes);
    expect(sharedBytes).toBeGreaterThanOrEqual(sharesMemory ? 2 * pushedBytes : 0);
    expect(sharedBytes).toBeLessThanOrEqual(sharesMemory ? 4 * pushedBytes : 0);
    // Of four links the participant's memory, twice, and the server's; and that of two servers.
    expect(numMapped()).toBe(sharesMemory ? 14 : 0);
    await Promise.all(both.map(({ client }) => client.leave()));
    for (let tries = 0; tries < 100 && numMapped() > 2; tries += 1) await new Promise((done) => setTimeout(done, 20));
    expect(numMapped()).toBe(sharesMemory ? 2 : 0);
    await Promise.all(servers.map((server) => server.close()));
    expect(numMapped()).toBe(0);
  });

  it('goes through the socket where the server cannot open the memory', async () => {
    const server = await fixture.server();
    const peer = new RawPeer(server.address);
    await peer.join('a');
    peer.send({ type: 'share', pid: process.pid, fd: 0, bytes: segmentBytes(NUM_PUSHES), key: 'ab'.repeat(32) });
    expect(await peer.frame('shared')).toEqual({ type: 'shared', segment: null });
    peer.send({ type: 'follow', round: 0 });
    const push = { type: 'push', round: 0, length: 2, lo: 0, hi: 2, format: 'fp32', node: [0, 2] };
    peer.send(push, new Uint8Array(Float32Array.of(1, 2).buffer));
    await peer.frame('root');
    peer.socket.write(placedAt(encodeHeader({ ...push, round: 1 }, 8), { slot: 0, generation: 0 }));
    expect(await peer.frame('error')).toMatchObject({ code: 'malformed' });
    await peer.closed();
  });

  it('ends a connection that takes more than it was sent', async () => {
    const server = await fixture.server();
    const peer = new RawPeer(server.address);
    await peer.join('a');
    peer.send({ type: 'taken', slots: [1] });
    expect(await peer.frame('error')).toMatchObject({ code: 'malformed' });
    await peer.closed();
  });
});
