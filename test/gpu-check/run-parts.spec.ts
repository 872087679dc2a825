import { describe, expect, it } from '@jest/globals';
import { judged, skipped, type CheckContext, type CheckPart } from './check-part.js';
import { findPeer } from './find-peer.js';
import { makeReport, reportText } from './report-text.js';
import { runParts } from './run-parts.js';
import { sizesFor } from './sizes.js';
import { findTarget } from './target.js';
import { TrainingRuns } from './training-runs.js';

const part = (name: string, run: CheckPart['run'], limitSeconds = 5): CheckPart => ({
  name,
  title: `what ${name} shows`,
  limitSeconds,
  run,
});
const passes = part('passes', () => Promise.resolve(judged([], 'all well', { answer: 42 })));

describe('the parts of gpu-check', () => {
  const told: string[] = [];

  async function run(parts: readonly CheckPart[], limitSeconds = 60, signal = new AbortController().signal) {
    const target = await findTarget('cpu');
    const sizes = sizesFor(target);
    const note = (line: string): void => void told.push(line);
    const runs = new TrainingRuns(target, sizes, note);
    const context: CheckContext = { target, sizes, runs, note, findPeer: () => Promise.resolve('none') };
    const abandoned: string[] = [];
    const onAbandoned = (reason: string): void => void abandoned.push(reason);
    const results = await runParts(parts, context, { limitSeconds, signal, onAbandoned });
    return { report: makeReport(target, results), abandoned };
  }

  it('pass, fail with every fault, and are skipped with the reason; what one throws fails it and no other', async () => {
    const { report } = await run([
      passes,
      part('faulty', () => Promise.resolve(judged(['too large', 'too late'], 'never said'))),
      part('throws', () => Promise.reject(new Error('broken'))),
      part('skips', () => Promise.resolve(skipped('there is one device'))),
    ]);
    expect(report.parts.map(({ status, detail }) => [status, detail])).toEqual([
      ['passed', 'all well'],
      ['failed', 'too large; too late'],
      ['failed', 'broken'],
      ['skipped', 'there is one device'],
    ]);
    expect(report).toMatchObject({ passed: 1, failed: 2, skipped: 1, kind: 'cpu' });
    expect(report.parts[0]?.data).toEqual({ answer: 42 });
    expect(reportText(report)).toMatch(/^failed +faulty .*what faulty shows\n +too large; too late$/m);
    expect(reportText(report).split('\n').at(-1)).toBe('1 passed, 2 failed, 1 skipped');
    expect(told).toContain('skips: what skips shows');
  });

  it('fail when they take too long, are told to end, and the next ones go on', async () => {
    let isTold = false;
    const hangs = part(
      'hangs',
      (_, signal) =>
        new Promise(() => {
          signal.addEventListener('abort', () => (isTold = true));
        }),
      0.05,
    );
    const { report, abandoned } = await run([hangs, passes]);
    expect(report.parts.map(({ status }) => status)).toEqual(['failed', 'passed']);
    expect(report.parts[0]?.detail).toContain('took longer than');
    expect(isTold).toBe(true);
    expect(abandoned).toEqual([expect.stringContaining('hangs took longer than')]);
  });

  it('fail without having begun when the time of all is used up, and when interrupted', async () => {
    const slow = part('slow', () => new Promise(() => undefined));
    const { report } = await run([slow, passes], 0.05);
    expect(report.parts[1]).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('not begun') as unknown,
    });

    const stop = new AbortController();
    setTimeout(() => stop.abort(), 20);
    const interrupted = await run([slow, passes], 60, stop.signal);
    expect(interrupted.report.parts.map(({ detail }) => detail)).toEqual(['interrupted', 'not begun: interrupted']);
  });
});

describe('the peer', () => {
  it('is missing for a reason in words', async () => {
    const target = await findTarget('cpu');
    const reason = async (peer: string): Promise<unknown> => await findPeer(peer, target);
    expect(await reason('/nowhere')).toBe('not compared: /nowhere does not exist');
    // No Python, and says so.
    expect(await reason('/bin/false')).toContain('not compared: /bin/false');
  });
});
