import { describe, expect, it } from '@jest/globals';
import { gpuFingerprint, type GpuFacts } from './gpu-fingerprint.js';

const FACTS: GpuFacts = {
  tensorflow: '2.21.0',
  device: { index: '0', uuid: 'GPU-1', name: 'NVIDIA H100 80GB HBM3', slice: null },
  libraries: { 'nvidia-cublas-cu12': '12.9', 'nvidia-cudnn-cu12': '9.28.0.42', 'nvidia-nccl-cu12': '2.27' },
  tf32Override: undefined,
};
const slice = { profile: '1g.10gb', gpuUuid: 'GPU-1' };

describe('the fingerprint of a GPU', () => {
  it('names all that its bits depend on, and not what only carries them', () => {
    expect(gpuFingerprint(FACTS)).toBe(
      'graph/tensorflow-2.21.0/NVIDIA-H100-80GB-HBM3/cublas-12.9+cudnn-9.28.0.42/tf32/fp32/exact',
    );
  });

  it.each([
    ['another cuDNN', { libraries: { ...FACTS.libraries, 'nvidia-cudnn-cu12': '9.29' } }],
    ['TF32 off', { tf32Override: '0' }],
    ['a slice', { device: { ...FACTS.device, slice } }],
    ['another TensorFlow', { tensorflow: '2.22.0' }],
    ['libraries that nobody recorded', { libraries: {} }],
  ])('is another with %s', (_, change) => {
    expect(gpuFingerprint({ ...FACTS, ...change })).not.toBe(gpuFingerprint(FACTS));
  });

  it('is the same whichever of two alike it is', () => {
    const second = { ...FACTS, device: { ...FACTS.device, index: '1', uuid: 'GPU-2' } };
    expect(gpuFingerprint(second)).toBe(gpuFingerprint(FACTS));
    expect(gpuFingerprint({ ...FACTS, tf32Override: '1' })).toBe(gpuFingerprint(FACTS));
  });
});
