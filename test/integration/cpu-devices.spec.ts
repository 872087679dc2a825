import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { runCommand } from '#provision';
import { z } from 'zod';
import { lanesReportSchema, type LanesOptions, type WayOfLanesInput } from '../gpu-check/lanes/lanes-report.js';

const ROOT = join(import.meta.dirname, '..', '..');
const MEASURE = join(ROOT, 'dist', 'test', 'gpu-check', 'lanes', 'lanes-process.js');
const DEVICES = [0, 1, 2].map((index) => `/device:CPU:${index}`);
const TIMEOUT_MS = 120_000;

it(
  'lanes on three devices of TensorFlow, between which it carries tensors, have the bits of one',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'skiplane-devices-'));
    try {
      const library = join(folder, 'cpu-devices.so');
      const source = join(ROOT, 'test', 'support', 'cpu-devices.c');
      await runCommand('cc', ['-shared', '-fPIC', '-o', library, source, '-ldl'], { timeoutMs: TIMEOUT_MS });
      const lanes = { lanes: 5, batch: 4, lanesAtOnce: 3 } as const;
      const ways: readonly WayOfLanesInput[] = [
        { ...lanes, how: 'train' },
        { ...lanes, how: 'train', devices: DEVICES },
        { ...lanes, how: 'exchanged', devices: DEVICES.toReversed() },
      ];
      const options: LanesOptions = { architecture: 'resnet8', precision: 'fp32', warmup: 1, steps: 2, ways };
      const env = { ...process.env, LD_PRELOAD: library };
      const text = await runCommand(process.execPath, [MEASURE, JSON.stringify(options)], {
        timeoutMs: TIMEOUT_MS,
        env,
      });
      const measured = z.object({ ways: lanesReportSchema }).parse(JSON.parse(text)).ways;
      // In each step every device computes with what it has made of those before.
      expect(measured.map(({ digest }) => digest)).toEqual(measured.map(() => measured[0]?.digest));
      expect(measured[1]?.fetchedBytes).toBeLessThan(200);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  TIMEOUT_MS,
);
