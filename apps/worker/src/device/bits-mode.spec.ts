import { describe, expect, it } from '@jest/globals';
import { BitsMode } from './bits-mode.js';

describe('the bits of a process', () => {
  it('are on a GPU those of its first run, for which TensorFlow is told how to compute', () => {
    const environment: NodeJS.ProcessEnv = {};
    const mode = new BitsMode(true, environment);
    expect(mode.fingerprint('gpu/exact')).toBe('gpu/exact');
    expect(mode.enter('fast')).toBe(true);
    expect(environment).toEqual({ TF_DETERMINISTIC_OPS: '0', TF_CUDNN_USE_AUTOTUNE: '1' });
    expect([mode.enter('fast'), mode.enter('exact')]).toEqual([true, false]);
    // A prediction may come at any time.
    mode.enterAny();
    expect(mode.fingerprint('gpu/exact')).toBe('gpu/fast');
    expect(environment).toEqual({ TF_DETERMINISTIC_OPS: '0', TF_CUDNN_USE_AUTOTUNE: '1' });
  });

  it('are exact where a prediction comes first', () => {
    const environment: NodeJS.ProcessEnv = {};
    const mode = new BitsMode(true, environment);
    mode.enterAny();
    expect(environment).toEqual({ TF_DETERMINISTIC_OPS: '1', TF_CUDNN_USE_AUTOTUNE: '0' });
    expect([mode.enter('exact'), mode.enter('fast')]).toEqual([true, false]);
  });

  it('are the same on a CPU, whatever a run asks for', () => {
    const environment: NodeJS.ProcessEnv = {};
    const mode = new BitsMode(false, environment);
    expect([mode.enter('fast'), mode.enter('exact'), mode.enter('fast')]).toEqual([true, true, true]);
    expect(environment).toEqual({});
  });
});
