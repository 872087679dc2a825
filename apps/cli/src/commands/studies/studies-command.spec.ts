import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { StudySummary } from '#contracts';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { fakeCoordinator, json, problem, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import type { RecordingIo } from '../../testing/recording-io.js';
import { endedStudy, sampleStudy, sampleStudyTable } from '../../testing/sample-study.js';

const STUDY = 'GET /v1/studies/s1b2c3d4';

let server: FakeCoordinator;
beforeEach(async () => {
  server = await fakeCoordinator();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

const studies = (...words: readonly string[]): Promise<RecordingIo> =>
  runSkiplane(['studies', ...words, '--url', server.url]);

function summary(changes: Partial<StudySummary> = {}): StudySummary {
  const { spec: _spec, trials: _trials, figures: _figures, ...shown } = sampleStudy();
  return { ...shown, ...changes };
}

function list(offset: number, limit: number, shown: readonly StudySummary[]): void {
  server.on(
    `GET /v1/studies?offset=${offset}&limit=${limit}`,
    json({ studies: shown, total: shown.length, offset, limit }),
  );
}

describe('skiplane studies', () => {
  it('ls lists them in a table, and says where there are none', async () => {
    list(0, 5, [summary({ numFailed: 2 })]);
    const io = await studies('ls', '--limit', '5');
    expect(io.outLines.join('\n')).toMatch(/^ID .*\ns1b2c3d4 +depth +running +1\/4 +2 .* ago$/);
    const { studies: listed } = JSON.parse((await studies('ls', '--limit', '5', '--json')).outLines.join('')) as {
      studies: unknown;
    };
    expect(listed).toEqual([summary({ numFailed: 2 })]);
    list(0, 20, []);
    expect((await studies('ls')).outLines).toEqual(['no studies']);
  });

  it('show prints every run and the table; JSON, markdown and CSV are the table alone', async () => {
    list(0, 1, [summary()]);
    server.on(STUDY, json(endedStudy('finished', 3)));
    server.on(`${STUDY}/table?format=json`, json(sampleStudyTable()));
    server.on(`${STUDY}/table?format=csv`, (_request, response) => void response.end('depth,runs\r\n'));
    const text = (await studies('show', 'latest')).outLines.join('\n');
    expect(text).toContain('study depth, finished: 4 of 4 runs over, 1 failed');
    expect(text).toMatch(/\n56 +2 +failed +100 % +25\.0 % +12\.5 % +run-3\n/);
    expect(text).toMatch(/\n20 +269,722 +2\/2 +12\.34 ± 1\.23 /);
    expect(JSON.parse((await studies('show', 's1b2c3d4', '--json')).outLines.join(''))).toEqual(sampleStudyTable());
    expect((await studies('show', 's1b2c3d4', '--format', 'csv')).outLines).toEqual(['depth,runs']);
  });

  it('finds a study by the beginning of its id when there is one such, else names those there are', async () => {
    server.on(STUDY, json(sampleStudy()));
    server.on('POST /v1/studies/s1b2c3d4/cancel', json(endedStudy('cancelled')));
    list(0, 100, [summary(), summary({ id: 's2', name: 'other' })]);
    expect((await studies('cancel', 's1')).outLines).toEqual(['study s1b2c3d4 is cancelled']);
    const io = await studies('cancel', 's');
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toMatch(/2 studies[^]*s1b2c3d4: depth, running[^]*s2: other, running/);
  });

  it('ends with 5 for a study that is not there or cannot be cancelled any more', async () => {
    list(0, 100, []);
    list(0, 1, []);
    expect((await studies('show', 'nobody')).exitCode()).toBe(5);
    const none = await studies('show', 'latest');
    expect(none.exitCode()).toBe(5);
    expect(none.errLines.join('\n')).toContain('skiplane study FILE');
    server.on(STUDY, json(endedStudy('finished')));
    server.on('POST /v1/studies/s1b2c3d4/cancel', problem(409, 'Conflict'));
    expect((await studies('cancel', 's1b2c3d4')).exitCode()).toBe(5);
  });

  it.each([[['ls', '--limit', '501']], [['show']], [['show', 'a', '--format', 'pdf']], [['cancel', 'a', 'b']]])(
    'refuses %j with 2',
    async (args) => {
      expect((await studies(...args)).exitCode()).toBe(2);
      expect(server.asked).toEqual([]);
    },
  );

  it.each(['ls', 'show', 'cancel'])('%s --help gives an example and the exit codes', async (name) => {
    const io = await studies(name, '--help');
    expect(io.exitCode()).toBe(0);
    expect(io.outLines.join('\n')).toMatch(/Example:\n +skiplane studies [^]*Exit codes:/);
  });
});
