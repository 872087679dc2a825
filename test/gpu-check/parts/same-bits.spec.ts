import { describe, expect, it } from '@jest/globals';
import { sampleRun } from '../../../apps/cli/src/testing/sample-run.js';
import type { FinishedRun } from '../training-runs.js';
import { judgeBits } from './same-bits.js';

const digests = ['a', 'b', 'c'].map((letter) => letter.repeat(64));

function run(
  title: string,
  pids: readonly number[],
  { weights = 'e', incarnation = 1, digestsOf = digests } = {},
): FinishedRun {
  const spec = { ...sampleRun().spec, epochs: 1 };
  const chain = 'f'.repeat(64);
  const ledger = [{ epoch: 0, samples: 96, expected: 96, missing: 0, repeated: 0, chain }];
  return {
    title,
    view: sampleRun({ state: 'finished', spec, ledger, incarnation, weightsSha256: weights.repeat(64) }),
    steps: digestsOf.map((digest, index) => ({
      step: index + 1,
      epoch: 0,
      samples: 32,
      loss: 1,
      learningRate: 0.1,
      digest,
      chain,
    })),
    workers: pids.map((pid) => ({ workerId: `worker-${pid}`, pid, device: 'GPU 0' })),
    restarts: 0,
  };
}

const undisturbed = run('undisturbed', [1]);
const killed = run('worker killed', [3], { incarnation: 2 });

describe('runs that must have the same bits', () => {
  it('pass, and say that there was no second device', () => {
    const others = [run('another process', [2])];
    expect(judgeBits({ undisturbed, others, killed })).toMatchObject({
      status: 'passed',
      detail: `eeeeeeeeeeee… from undisturbed, worker killed, another process; not on two workers: a device takes one process, and there is one device`,
    });
    const { detail } = judgeBits({ undisturbed, others: [...others, run('two workers', [3, 4])], killed });
    expect(detail).toBe('eeeeeeeeeeee… from undisturbed, worker killed, another process, two workers');
  });

  it('fail by name, with the step from which on they differ', () => {
    const others = [
      run('another process', [2], { weights: '0', digestsOf: digests.with(1, 'd'.repeat(64)) }),
      run('two workers', [3, 4], { weights: '0' }),
    ];
    expect(judgeBits({ undisturbed, others, killed })).toMatchObject({
      status: 'failed',
      detail:
        'another process: other weights, gradients differ from step 2 on; two workers: other weights, though all gradients are the same',
    });
  });

  it('fail when what was to be shown did not happen', () => {
    const others = [run('another process', [1])];
    expect(judgeBits({ undisturbed, others, killed: run('worker killed', [3]) })).toMatchObject({
      status: 'failed',
      detail: 'the run was over before its worker was killed; another process: it was not another process',
    });
  });
});
