import { afterEach, describe, expect, it } from '@jest/globals';
import { randomStream, RefusedInputError } from '#contracts';
import { silentLogger } from '#telemetry';
import { encodeHeader } from '../wire/frame-codec.js';
import { checkHealth } from '../client/health-check.js';
import { ParameterServer } from './server.js';
import { nodeVector } from '../testing/lane-vectors.js';
import { RawPeer } from '../testing/raw-peer.js';
import { ServerFixture } from '../testing/server-fixture.js';

const PUSH = { type: 'push', round: 0, node: [0, 1], length: 10, lo: 0, hi: 10, format: 'fp32' };

describe('ParameterServer', () => {
  const fixture = new ServerFixture();
  const peers: RawPeer[] = [];
  afterEach(async () => {
    for (const peer of peers.splice(0)) peer.socket.destroy();
    await fixture.close();
  });

  function open(server: ParameterServer): RawPeer {
    const peer = new RawPeer(server.address);
    peers.push(peer);
    return peer;
  }

  async function untilEmpty(server: ParameterServer): Promise<void> {
    while (server.stats.connections > 0) await new Promise(setImmediate);
    expect(server.stats).toEqual({ connections: 0, runs: 0, participants: 0, memoryBytes: 0 });
  }

  it('refuses to listen beyond loopback without a token', () => {
    const logger = silentLogger();
    expect(() => new ParameterServer({ host: '0.0.0.0', logger })).toThrow(RefusedInputError);
    expect(() => new ParameterServer({ host: '::', logger })).toThrow(/SKIPLANE_TOKEN/);
    expect(() => new ParameterServer({ token: '', logger })).toThrow(/empty/);
    expect(() => new ParameterServer({ host: '0.0.0.0', token: 'secret', logger })).not.toThrow();
  });

  it('rejects where its port is taken', async () => {
    const first = await fixture.server();
    const second = new ParameterServer({ port: Number(first.address.split(':')[1]), logger: silentLogger() });
    await expect(second.start()).rejects.toThrow(/EADDRINUSE/);
  });

  it.each([
    ['bytes that are no frame', (peer: RawPeer) => peer.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), /SKPL/],
    [
      'another version',
      (peer: RawPeer) => peer.socket.write(Buffer.from('534b504c63000000020000000000000000000000', 'hex')),
      /version 99/,
    ],
    [
      'a header that is too long',
      (peer: RawPeer) => peer.send({ type: 'ping', at: 1, padding: 'x'.repeat(2_000) }),
      /header of \d+ bytes/,
    ],
    ['a header that is not JSON', (peer: RawPeer) => peer.socket.write(brokenJson()), /not JSON/],
    ['a header of no known type', (peer: RawPeer) => peer.send({ type: 'nonsense' }), /bad header/],
    ['a field too many', (peer: RawPeer) => peer.send({ type: 'leave', extra: 1 }), /bad header/],
    ['another frame before the handshake', (peer: RawPeer) => peer.send({ type: 'leave' }), /before authentication/],
    ['a payload before the handshake', (peer: RawPeer) => peer.send(PUSH, new Uint8Array(40)), /before joining/],
    [
      'a payload where none belongs',
      (peer: RawPeer) => peer.send({ type: 'leave' }, new Uint8Array(4)),
      /has no payload/,
    ],
  ])('answers %s with the fault and closes', async (_name, misbehave, message) => {
    const server = await fixture.server();
    const peer = open(server);
    await peer.frame('hello');
    misbehave(peer);
    expect((await peer.frame('error')).message).toMatch(message);
    await peer.closed();
    await untilEmpty(server);
  });

  it.each([
    ['a payload that does not fit its range', PUSH, 44, /payload of 44 bytes, expected 40/],
    ['a payload larger than a chunk', { ...PUSH, length: 2 ** 20, hi: 2 ** 20 }, 2 ** 22, /at most 1048576/],
    ['a vector that is too long', { ...PUSH, length: 2 ** 20 }, 40, /at most 100000/],
    ['a node of another tree', { ...PUSH, node: [0, 3] }, 40, /no node of the tree of 2 lanes/],
    ['a range outside its vector', { ...PUSH, lo: 5, hi: 15 }, 40, /does not lie/],
    ['a format that nobody speaks', { ...PUSH, format: 'fp16' }, 20, /bad header.*format/s],
    ['no format', { ...PUSH, format: undefined }, 40, /bad header.*format/s],
    ['fp32 announced as bf16', { ...PUSH, format: 'bf16' }, 40, /payload of 40 bytes, expected 20/],
    ['bf16 announced as fp32', PUSH, 20, /payload of 20 bytes, expected 40/],
    ['a push without a payload', PUSH, 0, /without a payload/],
    ['a second join', { type: 'join', runId: 'run', incarnation: 1, lanes: 2 }, 0, /joined twice/],
  ])('answers %s from a participant with the fault and closes', async (_name, frame, payloadBytes, message) => {
    const server = await fixture.server({ maxVectorElements: 100_000 });
    const peer = open(server);
    await peer.join('a');
    peer.send(frame, new Uint8Array(payloadBytes));
    expect((await peer.frame('error')).message).toMatch(message);
    await peer.closed();
    await untilEmpty(server);
  });

  it('lets in who knows the token and nobody else', async () => {
    const server = await fixture.server({ token: 'secret' });
    const replay = open(server);
    const { nonce } = await replay.frame('hello');
    const other = open(server);
    expect((await other.frame('hello')).nonce).not.toBe(nonce);
    await expect(open(server).join('a')).rejects.toThrow(/closed without a welcome/);
    await expect(open(server).join('a', 'wrong')).rejects.toThrow(/closed without a welcome/);
    await open(server).join('a', 'secret');
    await checkHealth({ server: server.address, token: 'secret' });
    await expect(checkHealth({ server: server.address, token: null })).rejects.toThrow(/token/);
  });

  it('gives everything back when a connection ends in the middle of a payload', async () => {
    const server = await fixture.server();
    const peer = open(server);
    await peer.join('a');
    peer.send(PUSH, new Uint8Array(40));
    peer.send({ ...PUSH, round: 1 }, new Uint8Array(13), 40);
    while (server.stats.memoryBytes < 8_192) await new Promise(setImmediate);
    peer.socket.resetAndDestroy();
    await untilEmpty(server);
  });

  it('survives random bytes', async () => {
    const server = await fixture.server();
    const stream = randomStream(11);
    const valid = Buffer.concat([
      encodeHeader({ type: 'authenticate', workerId: 'a', mac: '' }, 0),
      encodeHeader(PUSH, 40),
    ]);
    for (let trial = 0; trial < 60; trial += 1) {
      const peer = open(server);
      await peer.frame('hello');
      const bytes = trial % 2 === 0 ? Buffer.alloc(1 + stream.nextInt(300)) : Buffer.from(valid);
      const numFlips = trial % 2 === 0 ? bytes.length : 1 + stream.nextInt(4);
      for (let flip = 0; flip < numFlips; flip += 1) bytes[stream.nextInt(bytes.length)] = stream.nextInt(256);
      peer.socket.end(bytes);
      await peer.closed();
    }
    await untilEmpty(server);
    await checkHealth({ server: server.address, token: null });
  });

  it('gives up a reader that is too slow and serves the others', async () => {
    const server = await fixture.server({ maxQueuedBytes: 3 * 2 ** 20 });
    const slow = open(server);
    await slow.join('slow');
    slow.send({ type: 'follow', round: 0 });
    slow.socket.pause();
    const { client, recorder } = fixture.client([server.address], { workerId: 'quick', lanes: 2 });
    await client.connect();
    for (let round = 0; recorder.lastParticipants.length !== 1 || round === 0; round += 1) {
      client.ready(round);
      client.push(round, { lo: 0, hi: 2 }, nodeVector({ lo: 0, hi: 1 }, 2 ** 18));
      await recorder.rootOf(round);
      await recorder.until('participants', () => recorder.lastParticipants.length > 0);
      if (round > 200) throw new Error('the slow reader is still a participant');
    }
    expect(recorder.lastParticipants.map(({ workerId }) => workerId)).toEqual(['quick']);
  });

  it('gives up a peer that says nothing any more', async () => {
    const server = await fixture.server({ patienceMs: 100 });
    const peer = open(server);
    await peer.join('a');
    await peer.closed();
    await untilEmpty(server);
  });

  it('refuses pushes beyond its memory limit after dropping old rounds', async () => {
    const server = await fixture.server({ memoryLimitBytes: 3 * 4_096 });
    const peer = open(server);
    await peer.join('a');
    for (let round = 0; round < 8; round += 1) peer.send({ ...PUSH, round }, new Uint8Array(40));
    peer.send({ type: 'ping', at: 1 });
    await peer.frame('pong');
    expect(server.stats.memoryBytes).toBeLessThanOrEqual(3 * 4_096);
    for (const lo of [1, 2, 3]) peer.send({ ...PUSH, round: 7, lo, hi: lo + 1 }, new Uint8Array(4));
    expect(await peer.frame('error')).toMatchObject({ code: 'overloaded' });
    await peer.closed();
    await untilEmpty(server);
  });

  it('tells the newcomer when the donor dies in the middle of a transfer', async () => {
    const server = await fixture.server();
    const donor = open(server);
    await donor.join('donor');
    donor.send({ type: 'ready', round: 3 });
    const { client, recorder } = fixture.client([server.address], { workerId: 'newcomer' });
    await client.connect();
    await recorder.until('readiness', () => recorder.lastParticipants[0]?.isReady === true);
    const state = client.requestState();
    const fails = expect(state).rejects.toThrow(/donor left during the transfer/);
    const { transfer } = await donor.frame('state-wanted');
    donor.send({
      type: 'state-begin',
      transfer,
      round: 3,
      vectors: [{ name: 'weights', length: 1_000 }],
      memoryBytes: 4,
    });
    donor.send({ type: 'state-chunk', transfer, part: 0, offsetBytes: 0 }, new Uint8Array(400));
    await donor.frame('state-ack');
    donor.socket.destroy();
    await fails;
    await recorder.untilParticipants('newcomer');
  });

  it('sends state before the roots that wait for a slow line', async () => {
    const server = await fixture.server();
    const [donor, newcomer] = [open(server), open(server)];
    await donor.join('donor');
    await newcomer.join('newcomer');
    donor.send({ type: 'ready', round: 0 });
    newcomer.send({ type: 'follow', round: 0 });
    await donor.frame('participants');
    newcomer.socket.pause();
    const [elements, pieces] = [2 ** 18, 40];
    const push = { type: 'push', round: 0, node: [0, 2], length: elements * pieces, format: 'fp32' };
    for (let piece = 0; piece < pieces; piece += 1) {
      const lo = piece * elements;
      donor.send({ ...push, lo, hi: lo + elements }, new Uint8Array(elements * 4));
    }
    newcomer.send({ type: 'state-request', transfer: 't', newerThan: -1 });
    await donor.frame('state-wanted');
    donor.send({ type: 'state-begin', transfer: 't', round: 1, vectors: [], memoryBytes: 4 });
    donor.send({ type: 'state-chunk', transfer: 't', part: 0, offsetBytes: 0 }, Buffer.from('null'));
    donor.send({ type: 'ping', at: 1 });
    await donor.frame('pong');
    newcomer.socket.resume();
    await newcomer.frame('state-chunk');
    const numBefore = newcomer.frames.filter(({ type }) => type === 'root').length;
    while (newcomer.frames.filter(({ type }) => type === 'root').length < pieces) await new Promise(setImmediate);
    // What was in the sockets is before it, and what waited behind it.
    expect(numBefore).toBeLessThan(pieces / 2);
    expect(newcomer.frames.map(({ type }) => type).filter((type) => type.startsWith('state'))).toEqual([
      'state-begin',
      'state-chunk',
    ]);
  });

  it('forgets a run with its last participant', async () => {
    const server = await fixture.server();
    const first = open(server);
    await first.join('a');
    first.send(PUSH, new Uint8Array(40));
    first.send({ type: 'leave' });
    await first.closed();
    await untilEmpty(server);
  });
});

function brokenJson(): Buffer {
  const frame = encodeHeader({ type: 'ping', at: 1 }, 0);
  frame.write('x', 20);
  return frame;
}
