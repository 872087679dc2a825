import { describe, expect, it } from '@jest/globals';
import { retention } from './retention.js';

const faultsOf = (text: string): readonly string[] =>
  retention.safeParse(text).error?.issues.map(({ message }) => message) ?? [];

describe('SKIPLANE_RETENTION', () => {
  it('is a rule for each state that is named', () => {
    const day = 86_400_000;
    expect(retention.parse('finished=180d, failed=4w,cancelled=12h')).toEqual([
      { state: 'finished', afterMs: 180 * day },
      { state: 'failed', afterMs: 28 * day },
      { state: 'cancelled', afterMs: day / 2 },
    ]);
  });

  it('is refused by naming every fault', () => {
    expect(faultsOf('finished=0d,running=3d,failed=30,failed=1d,failed=2d,')).toEqual([
      'has "finished=0d": the time must be longer than 0',
      'has "running", which is none of finished, failed, cancelled',
      expect.stringContaining('has "failed=30", which is no rule such as'),
      'names failed twice',
      expect.stringContaining('has "", which is no rule'),
    ]);
  });
});
