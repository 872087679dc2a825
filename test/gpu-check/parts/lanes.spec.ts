import { describe, expect, it } from '@jest/globals';
import type { WayOfLanes } from '../lanes/lanes-report.js';
import { judgeLanes } from './lanes.js';

const inTurn: WayOfLanes = { lanes: 2, batch: 8, lanesAtOnce: 1, how: 'train', devices: [] };
const together: WayOfLanes = { ...inTurn, lanesAtOnce: 2 };
const alone: WayOfLanes = { ...inTurn, lanes: 1, batch: 16 };
const measured = (way: WayOfLanes, digest: string, fetchedBytes = 40) => ({
  way,
  digest,
  fetchedBytes,
  imagesPerSecond: 100,
  fedBytes: 2_000_000,
});

describe('several lanes in one graph', () => {
  it('pass with the same bits, and say what crossed the bus', () => {
    const ways = [measured(alone, 'other'), measured(inTurn, 'one'), measured(together, 'one')];
    expect(judgeLanes(ways)).toMatchObject({
      status: 'passed',
      detail:
        '1 x 16: 100 images/s, 2.00 MB in, 40 B out; 2 x 8, 1 at once: 100 images/s, 2.00 MB in, 40 B out; 2 x 8, 2 at once: 100 images/s, 2.00 MB in, 40 B out',
    });
  });

  it('fail with other bits, and where a step that trains in one go fetches more than scalars', () => {
    const exchanged: WayOfLanes = { ...inTurn, how: 'exchanged' };
    const ways = [measured(inTurn, 'one', 500), measured(together, 'two'), measured(exchanged, 'one', 5_000_000)];
    expect(judgeLanes(ways)).toMatchObject({
      status: 'failed',
      detail: '2 x 8, 1 at once: 500 bytes were fetched; 2 x 8, 2 at once: other bits than 2 x 8, 1 at once',
    });
  });
});
