import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runSummary } from '#contracts';
import { heartbeat } from '#contracts/testing';
import { fakeCoordinator, json, type FakeCoordinator } from '../testing/fake-coordinator.js';
import type { RecordingIo } from '../testing/recording-io.js';
import { runSkiplane } from '../testing/run-skiplane.js';
import { sampleRun } from '../testing/sample-run.js';

const sampleWorker = heartbeat({ host: 'h', pid: 7, device: 'CPU x 2', engines: 2 });

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => await server[Symbol.asyncDispose]());

const skiplane = (words: readonly string[]): Promise<RecordingIo> => runSkiplane([...words, '--url', server.url]);

describe('the commands that list', () => {
  it('lists runs in a table', async () => {
    server.on(
      'GET /v1/runs?state=running&limit=2',
      json({ runs: [runSummary(sampleRun())], total: 3, offset: 0, limit: 2 }),
    );
    const io = await skiplane(['ls', '--state', 'running', '--limit', '2']);
    expect(io.outLines.join('\n')).toMatch(
      /^ID .*\na1b2c3d4 {2}resnet20-shapes {2}running +43 % +0\.812 +68\.0 % +1 .* ago/,
    );
    expect(io.errLines).toEqual(['1 of 3: --limit and --offset show more']);
  });

  it('asks for runs by words, tags, fields of the spec and an order', async () => {
    const query =
      'q=two+words&state=failed&state=finished&tag=a&where=optimizer.learningRate%3C0.1&archived=true&sort=loss&offset=40&limit=20';
    server.on(
      `GET /v1/runs?${query}`,
      json({ runs: [runSummary(sampleRun({ tags: ['a'] }))], total: 41, offset: 40, limit: 20 }),
    );
    const words = ['ls', 'two', 'words', '--state', 'failed', '--state', 'finished', '--tag', 'a', '--archived'];
    const io = await skiplane([
      ...words,
      '--where',
      'optimizer.learningRate<0.1',
      '--sort',
      'loss',
      '--offset',
      '40',
      '--json',
    ]);
    expect(JSON.parse(io.outLines.join(''))).toMatchObject({ total: 41, runs: [{ tags: ['a'] }] });
  });

  it('counts ages by the clock of the coordinator, and says whose clock is off', async () => {
    const run = sampleRun();
    const tenMinutesLater = (content: unknown) => (_request: unknown, response: ServerResponse) => {
      response.setHeader('Skiplane-Time', String(run.createdAt + 600_000));
      response.end(JSON.stringify(content));
    };
    server.on('GET /v1/runs?limit=20', tenMinutesLater({ runs: [runSummary(run)], total: 1, offset: 0, limit: 20 }));
    expect((await skiplane(['ls'])).outLines.join('\n')).toContain('10 min 00 s ago');
    const worker = { ...sampleWorker, startedAt: run.createdAt, clockOffsetMs: -3_600_000 };
    server.on('GET /v1/workers', tenMinutesLater({ workers: [worker] }));
    const listed = (await skiplane(['workers'])).outLines.join('\n');
    expect(listed).toContain('its clock is 1 h 00 min behind');
    expect(listed).toContain('10 min 00 s ago');
  });

  it('names what it cannot list, because the record cannot be read', async () => {
    const unreadable = [{ id: 'b5', reason: 'run.json is a folder' }];
    server.on('GET /v1/runs?limit=20', json({ runs: [], total: 0, offset: 0, limit: 20, unreadable }));
    const io = await skiplane(['ls']);
    expect(io.errLines).toEqual(['b5 cannot be read and is left as it is: run.json is a folder']);
    server.on('GET /v1/studies?offset=0&limit=20', json({ studies: [], total: 0, offset: 0, limit: 20, unreadable }));
    expect((await skiplane(['studies', 'ls'])).errLines).toEqual(io.errLines);
  });
});
