import { describe, expect, it } from '@jest/globals';
import { runSkiplane } from '../../testing/run-skiplane.js';
import { table } from './bench-command.js';
import { median } from '#contracts';

describe('the benchmark', () => {
  it('takes the middle of what it measured', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(median([])).toBe(0);
  });

  it('prints ratios beside both numbers, and the shares of a step', () => {
    const text = table(
      [
        {
          title: 'resnet20',
          imagesPerSecond: 300,
          peers: [{ name: 'PyTorch, 2 threads', imagesPerSecond: 200, ratio: 1.5 }],
        },
      ],
      { imagesPerSecond: 280, shares: { data: 0.01, compute: 0.94, exchange: 0.03, update: 0.02 } },
    );
    expect(text).toMatch(/resnet20 +300\.0 images\/s/);
    expect(text).toMatch(/PyTorch, 2 threads +200\.0 images\/s +ratio 1\.50/);
    expect(text).toContain('data 1.0 %, compute 94.0 %, exchange 3.0 %, update 2.0 %');
  });

  it('refuses a peer that is not there, naming every file that is missing', async () => {
    const io = await runSkiplane(['bench', '--peer', '/nowhere', '--peer-scripts', '/nowhere']);
    expect(io.errLines.join('\n')).toMatch(
      /python does not exist[\s\S]*step\.py does not exist[\s\S]*ddp\.py does not exist/,
    );
    expect(io.exitCode()).toBe(2);
  });
});
