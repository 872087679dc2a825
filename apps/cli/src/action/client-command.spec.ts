import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeCoordinator, json, type FakeCoordinator } from '../testing/fake-coordinator.js';
import type { RecordingIo } from '../testing/recording-io.js';
import { runSkiplane } from '../testing/run-skiplane.js';

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => await server[Symbol.asyncDispose]());

function skiplane(words: readonly string[]): Promise<RecordingIo> {
  const isNamed = words.includes('--url') || process.env['SKIPLANE_URL'] !== undefined;
  return runSkiplane([...words, ...(isNamed ? [] : ['--url', server.url])]);
}

describe('the address of the coordinator', () => {
  afterEach(() => {
    delete process.env['SKIPLANE_URL'];
  });

  it('is that of SKIPLANE_URL, with the path that a proxy has in front', async () => {
    process.env['SKIPLANE_URL'] = `${server.url}/skiplane`;
    server.on('GET /skiplane/v1/workers', json({ workers: [] }));
    const io = await skiplane(['workers', '--json']);
    expect([io.exitCode(), io.errLines]).toEqual([0, []]);
  });
});

describe('a command that talks to a coordinator', () => {
  it('ends with 3 when nobody answers, also in JSON', async () => {
    const { url } = server;
    await server[Symbol.asyncDispose]();
    const io = await skiplane(['workers', '--json', '--url', url]);
    expect(io.exitCode()).toBe(3);
    expect(JSON.parse(io.errLines.join(''))).toEqual({
      error: `no coordinator answers at ${url}: start it with npm start`,
      faults: [],
    });
  });

  it.each([
    [['ls', '--limit', '0']],
    [['ls', '--state', 'sleeping']],
    [['weights', 'latest']],
    [['weights', '-o', 'f']],
    [['show']],
    [['show', 'a', 'b']],
    [['verify']],
    [['diff', 'a']],
    [['ls', '--url', 'ftp://x']],
    [['weights', 'latest', '-o', 'f', '--step', '1.5']],
  ])('refuses %j with 2', async (args) => {
    const io = await skiplane(args);
    expect(io.exitCode()).toBe(2);
    expect(server.asked).toEqual([]);
  });

  it.each(['submit', 'watch', 'ls', 'show', 'cancel', 'pause', 'resume', 'workers', 'weights', 'verify', 'diff'])(
    '%s --help gives an example and the exit codes',
    async (name) => {
      const io = await skiplane([name, '--help']);
      expect(io.exitCode()).toBe(0);
      expect(io.outLines.join('\n')).toMatch(/Example:\n +(skiplane|jq) /);
      expect(io.outLines.join('\n')).toContain('Exit codes:');
    },
  );
});
