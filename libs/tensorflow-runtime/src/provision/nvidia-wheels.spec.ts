import { describe, expect, it } from '@jest/globals';
import { NVIDIA_VERSIONS, NVIDIA_WHEELS } from './nvidia-wheels.js';
import { tensorflowWheel } from './tensorflow-wheels.js';

/** The `Requires-Dist` lines of the extra `and-cuda` in the METADATA of the wheel that is pinned. */
const REQUIRED = {
  by: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  lines: [
    'nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
    'nvidia-cuda-cupti-cu12<13.0,>=12.5.82; extra == "and-cuda"',
    'nvidia-cuda-nvcc-cu12<13.0,>=12.5.82; extra == "and-cuda"',
    'nvidia-cuda-nvrtc-cu12<13.0,>=12.5.82; extra == "and-cuda"',
    'nvidia-cuda-runtime-cu12<13.0,>=12.5.82; extra == "and-cuda"',
    'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"',
    'nvidia-cufft-cu12<12.0,>=11.2.3.61; extra == "and-cuda"',
    'nvidia-curand-cu12<11.0,>=10.3.6.82; extra == "and-cuda"',
    'nvidia-cusolver-cu12<12.0,>=11.6.3.83; extra == "and-cuda"',
    'nvidia-cusparse-cu12<13.0,>=12.5.1.3; extra == "and-cuda"',
    'nvidia-nccl-cu12<3.0,>=2.27.7; extra == "and-cuda"',
    'nvidia-nvjitlink-cu12<13.0,>=12.5.82; extra == "and-cuda"',
  ],
};

/** -1, 0 or 1: 12.9.3 lies after 12.10 in an alphabet, and before it as a version. */
function compareVersions(left: string, right: string): number {
  const [a, b] = [left.split('.').map(Number), right.split('.').map(Number)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return Math.sign(difference);
  }
  return 0;
}

const HOLDS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '>=': (order) => order >= 0,
};

function unmet(line: string, versions: Readonly<Record<string, string>>): string[] {
  const [, project = '', bounds = ''] = /^([\w-]+)([^;]+); extra == "and-cuda"$/.exec(line) ?? [];
  const version = versions[project];
  if (version === undefined) return [`${line}: not pinned`];
  return bounds.split(',').flatMap((bound) => {
    const [, comparison = '', limit = ''] = /^(<|>=)([\d.]+)$/.exec(bound) ?? [];
    const isMet = HOLDS[comparison]?.(compareVersions(version, limit)) ?? false;
    return isMet ? [] : [`${project} ${version} is not ${bound}`];
  });
}

describe('the pinned NVIDIA wheels', () => {
  it('are what the pinned TensorFlow asks for, each in its range', () => {
    expect(tensorflowWheel('gpu', 'linux', 'x64')?.fileName).toBe(REQUIRED.by);
    expect(REQUIRED.lines).toHaveLength(12);
    expect(REQUIRED.lines.flatMap((line) => unmet(line, NVIDIA_VERSIONS))).toEqual([]);
    expect(NVIDIA_WHEELS).toHaveLength(REQUIRED.lines.length);
  });

  it('would be found out of range by that', () => {
    const line = 'nvidia-cudnn-cu12<10.0,>=9.3.0.75; extra == "and-cuda"';
    expect(unmet(line, { 'nvidia-cudnn-cu12': '9.10.0.1' })).toEqual([]);
    expect(unmet(line, { 'nvidia-cudnn-cu12': '9.3.0.74' })).toEqual(['nvidia-cudnn-cu12 9.3.0.74 is not >=9.3.0.75']);
    expect(unmet(line, { 'nvidia-cudnn-cu12': '10.0' })).toEqual(['nvidia-cudnn-cu12 10.0 is not <10.0']);
    expect(unmet(line, {})).toEqual([`${line}: not pinned`]);
  });

  it('are pinned to bytes, and named as pip names their files', () => {
    for (const { fileName, sha256, sizeBytes, platform } of NVIDIA_WHEELS) {
      expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(sizeBytes).toBeGreaterThan(1e6);
      expect(fileName).toMatch(/^nvidia_[a-z_]+_cu12-[\d.]+-py3-none-[\w.]*x86_64\.whl$/);
      expect(platform).toMatch(/^manylinux_\d+_\d+_x86_64$/);
    }
  });
});
