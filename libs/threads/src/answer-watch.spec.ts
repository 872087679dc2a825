import { describe, expect, it } from '@jest/globals';
import { AnswerWatch } from './answer-watch.js';

const PATIENCE_MS = 2_000;

/** A watch on a thread that has given these answers. */
function watchAfter(...answers: readonly number[]): AnswerWatch {
  const watch = new AnswerWatch(PATIENCE_MS);
  for (const elapsedMs of answers) {
    watch.asked('gradients');
    watch.answered(elapsedMs);
  }
  return watch;
}

describe('AnswerWatch', () => {
  it('gives the first answer of a kind half an hour', () => {
    const watch = watchAfter();
    watch.asked('gradients');
    expect(watch.passed(1_799_000)).toBeNull();
    watch.answered(1_799_000);
    watch.asked('evaluate');
    expect(watch.passed(1_799_000)).toBeNull();
    expect(watch.passed(2_000)).toEqual({ kind: 'evaluate', waitedMs: 1_801_000, slowestMs: null });
  });

  it('gives later ones ten times the slowest of the last answers', () => {
    const watch = watchAfter(105_000, 900, 1_000, 800);
    watch.asked('gradients');
    expect(watch.passed(1_049_000)).toBeNull();
    const recent = watchAfter(105_000, ...Array.from({ length: 32 }, () => 1_000));
    recent.asked('gradients');
    expect(recent.passed(9_000)).toBeNull();
    expect(recent.passed(2_000)).toEqual({ kind: 'gradients', waitedMs: 11_000, slowestMs: 1_000 });
  });

  it('is never less patient than everybody else', () => {
    const watch = watchAfter(5, 5);
    watch.asked('gradients');
    expect(watch.passed(1_900)).toBeNull();
    expect(watch.passed(200)).toMatchObject({ waitedMs: 2_100 });
  });

  it('times each request from when the thread can have begun with it', () => {
    const watch = watchAfter(5);
    for (let count = 0; count < 3; count += 1) watch.asked('gradients');
    for (let count = 0; count < 3; count += 1) {
      expect(watch.passed(1_500)).toBeNull();
      watch.answered(1_500);
    }
    expect(watch.passed(3_600_000)).toBeNull();
  });

  it('learns nothing from a request that failed', () => {
    const watch = watchAfter();
    watch.asked('gradients');
    watch.answered(null);
    watch.asked('gradients');
    expect(watch.passed(1_700_000)).toBeNull();
  });
});
