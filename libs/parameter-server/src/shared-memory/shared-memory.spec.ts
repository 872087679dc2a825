import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { bytesOf } from '../wire/chunk-buffers.js';
import { asShared, encodeHeader } from '../wire/frame-codec.js';
import { RawPeer } from '../testing/raw-peer.js';
import { ServerFixture } from '../testing/server-fixture.js';
import { RingReader, RingWriter, SEGMENT_BYTES } from './payload-ring.js';
import { SharedSegment } from './shared-segment.js';

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
    made.segment.view[8_191] = 7;
    expect([other.view.length, other.view[8_191]]).toEqual([8_192, 7]);
    for (const segment of [made.segment, other, other]) segment.close();
    expect([other.view.length, numMapped(), numOpen()]).toEqual([0, mapped, open]);
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

  it('carries payloads each way in order, and says when there is no room', () => {
    const made = SharedSegment.create(SEGMENT_BYTES);
    if (made === null) throw new Error('Linux has such memory');
    const down = new RingWriter(made.segment, 'to-participant');
    const [writer, reader] = [new RingWriter(made.segment, 'to-server'), new RingReader(made.segment, 'to-server')];
    down.write(Uint8Array.of(99));
    let [written, news] = [0, 0];
    for (let read = 0; read < 20; read += 1) {
      for (; writer.hasRoom; written += 1) writer.write(Uint8Array.of(written, written + 1));
      const target = new Uint8Array(2);
      reader.read(target);
      expect([...target]).toEqual([read, read + 1]);
      news = reader.takeNews();
      if (news > 0) writer.taken(news);
    }
    expect(() => writer.taken(5)).toThrow(/5 payloads taken/);
    made.opened();
    made.segment.close();
  });
});

describe('an exchange within a host', () => {
  const fixture = new ServerFixture();
  afterEach(() => fixture.close());
  /** More than the rings of both servers hold. */
  const LENGTH = 3_000_000;

  it.each([true, false])('has the same roots with shared memory and without: %s', async (sharesMemory) => {
    const servers = [await fixture.server(), await fixture.server()];
    const addresses = servers.map(({ address }) => address);
    const both = ['a', 'b'].map((workerId) => fixture.client(addresses, { workerId, sharesMemory }));
    await Promise.all(both.map(({ client }) => client.connect()));
    const step = async (round: number, length: number): Promise<void> => {
      for (const [lane, { client }] of both.entries()) {
        client.ready(round);
        client.push(round, { lo: lane, hi: lane + 1 }, new Float32Array(length).fill(lane + round).fill(0.5, 1, 9));
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
    const pushedBytes = 3 * 2 * LENGTH * 4;
    expect(receivedBytes).toBeGreaterThanOrEqual(pushedBytes);
    expect(sharedBytes).toBeGreaterThanOrEqual(sharesMemory ? 2 * pushedBytes : 0);
    expect(sharedBytes).toBeLessThanOrEqual(sharesMemory ? 4 * pushedBytes : 0);
    expect(numMapped()).toBe(sharesMemory ? 8 : 0);
    await Promise.all(both.map(({ client }) => client.leave()));
    for (let tries = 0; tries < 100 && numMapped() > 0; tries += 1) await new Promise((done) => setTimeout(done, 20));
    expect(numMapped()).toBe(0);
  });

  it('goes through the socket where the server cannot open the memory', async () => {
    const server = await fixture.server();
    const peer = new RawPeer(server.address);
    await peer.join('a');
    peer.send({ type: 'share', pid: process.pid, fd: 0, bytes: SEGMENT_BYTES, key: 'ab'.repeat(32) });
    expect(await peer.frame('shared')).toEqual({ type: 'shared', isOpen: false });
    peer.send({ type: 'follow', round: 0 });
    const push = { type: 'push', round: 0, length: 2, lo: 0, hi: 2, format: 'fp32', node: [0, 2] };
    peer.send(push, new Uint8Array(Float32Array.of(1, 2).buffer));
    await peer.frame('root');
    peer.socket.write(asShared(encodeHeader({ ...push, round: 1 }, 8)));
    expect(await peer.frame('error')).toMatchObject({ code: 'malformed' });
    await peer.closed();
  });

  it('ends a connection that takes more than it was sent', async () => {
    const server = await fixture.server();
    const peer = new RawPeer(server.address);
    await peer.join('a');
    peer.send({ type: 'taken', payloads: 1 });
    expect(await peer.frame('error')).toMatchObject({ code: 'malformed' });
    await peer.closed();
  });
});
