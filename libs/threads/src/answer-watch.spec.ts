import { describe, expect, it } from '@jest/globals';
import { AnswerWatch } from './answer-watch.js';

const PATIENCE_MS = 2_000;

/** A watch on a thread that has given these answers. */
function watchAfter(...answers: readonly number[]): AnswerWatch {
  const watch = new AnswerWatch(PATIENCE_MS);
  for (const [id, elapsedMs] of answers.entries()) {
    watch.asked(id, 'gradients');
    watch.answered(id, elapsedMs);
  }
  return watch;
}

describe('AnswerWatch', () => {
  it('gives the first answer of a kind half an hour', () => {
    const watch = watchAfter();
    watch.asked(1, 'gradients');
    expect(watch.passed(1_799_000)).toBeNull();
    watch.answered(1, 1_799_000);
    watch.asked(2, 'evaluate');
    expect(watch.passed(1_799_000)).toBeNull();
    expect(watch.passed(2_000)).toEqual({ kind: 'evaluate', waitedMs: 1_801_000, slowestMs: null });
  });

  it('gives later ones ten times the slowest of the last answers', () => {
    const watch = watchAfter(105_000, 900, 1_000, 800);
    watch.asked(100, 'gradients');
    expect(watch.passed(1_049_000)).toBeNull();
    const recent = watchAfter(105_000, ...Array.from({ length: 32 }, () => 1_000));
    recent.asked(100, 'gradients');
    expect(recent.passed(9_000)).toBeNull();
    expect(recent.passed(2_000)).toEqual({ kind: 'gradients', waitedMs: 11_000, slowestMs: 1_000 });
  });

  it('is never less patient than everybody else', () => {
    const watch = watchAfter(5, 5);
    watch.asked(100, 'gradients');
    expect(watch.passed(1_900)).toBeNull();
    expect(watch.passed(200)).toMatchObject({ waitedMs: 2_100 });
  });

  it('times each request from when the thread can have begun with it', () => {
    const watch = watchAfter(5);
    for (const id of [11, 12, 13]) watch.asked(id, 'gradients');
    for (const id of [11, 12, 13]) {
      expect(watch.passed(1_500)).toBeNull();
      watch.answered(id, 1_500);
    }
    expect(watch.passed(3_600_000)).toBeNull();
  });

  it('learns nothing from a request that failed', () => {
    const watch = watchAfter();
    watch.asked(1, 'gradients');
    watch.answered(1, null);
    watch.asked(2, 'gradients');
    expect(watch.passed(1_700_000)).toBeNull();
  });

  it('does not take a thread for alive because nobody wants its answers any more', () => {
    const watch = watchAfter(5);
    for (const id of [11, 12]) watch.asked(id, 'gradients');
    expect(watch.passed(1_900)).toBeNull();
    watch.cancelled(11);
    expect(watch.passed(200)).toMatchObject({ waitedMs: 2_100 });
    watch.cancelled(12);
    expect(watch.passed(3_600_000)).toBeNull();
  });
});
