import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { z } from 'zod';

jest.setTimeout(300_000);

const MAIN = new URL('../../dist/test/gpu-check/main.js', import.meta.url).pathname;

const reportSchema = z.object({
  kind: z.literal('cpu'),
  passed: z.int(),
  failed: z.int(),
  skipped: z.int(),
  parts: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      detail: z.string(),
      data: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

/** As a user runs it where there is no npm. */
describe('gpu-check', () => {
  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill('SIGTERM')));

  async function gpuCheck(...args: string[]): Promise<{ code: unknown; output: string; errors: string }> {
    // Whether this machine has PyTorch is not what is tested.
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    const closed = once(child, 'close');
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const [code] = (await closed) as unknown[];
    return { code, output, errors };
  }

  it('holds on the CPU in every part', async () => {
    const { code, output, errors } = await gpuCheck('--device', 'cpu', '--json', '--peer', '/nowhere');
    const report = reportSchema.parse(JSON.parse(output));
    const found = Object.fromEntries(report.parts.map((part) => [part.name, part]));
    expect(report.parts.filter(({ status }) => status === 'failed')).toEqual([]);
    expect([code, report.passed, report.failed, report.skipped]).toEqual([0, 9, 0, 3]);
    expect(found['operations']?.data).toMatchObject({
      refused: [],
      operations: expect.arrayContaining([
        { operation: 'Conv2D', devices: ['cpu'], count: expect.any(Number) as unknown },
        { operation: 'FusedBatchNormGradV3', devices: ['cpu'], count: expect.any(Number) as unknown },
      ]) as unknown,
    });
    expect(found['training']?.data).toMatchObject({ devices: ['CPU x 1'], steps: 10 });
    expect(found['partial-batch']?.data).toEqual({ steps: 33, partialSamples: 5, restarts: 0 });
    const runs = z
      .array(
        z.object({ run: z.string(), weightsSha256: z.string(), incarnation: z.int(), processes: z.array(z.int()) }),
      )
      .parse(found['same-bits']?.data?.['runs']);
    expect(runs.map(({ run, processes }) => [run, processes.length])).toEqual([
      ['undisturbed', 1],
      ['worker killed', 1],
      ['another process', 1],
      ['two workers', 2],
    ]);
    expect(new Set(runs.map(({ weightsSha256 }) => weightsSha256)).size).toBe(1);
    const residentBytes = expect.any(Number) as unknown;
    expect(found['memory']?.data).toMatchObject({ workers: [{ residentBytes }, { residentBytes }] });
    expect(found['speed']).toMatchObject({
      status: 'skipped',
      detail: expect.stringContaining('not compared: /nowhere does not exist') as unknown,
      data: {
        comparisons: [
          { id: 'step/resnet20/1x16/fp32', value: expect.any(Number) as unknown, peers: [] },
          { id: 'step/resnet20/1x16/bf16', value: expect.any(Number) as unknown, peers: [] },
        ],
      },
    });
    const figure = expect.any(Number) as unknown;
    const percent = { 'data %': figure, 'compute %': figure, 'exchange %': figure, 'update %': figure };
    expect(found['exchange']?.data).toMatchObject({
      shares: [
        { run: 'undisturbed', percent },
        { run: 'two workers', percent },
      ],
    });
    expect(found['lanes']?.data).toMatchObject({
      ways: Array.from({ length: 5 }, () => ({ imagesPerSecond: figure, fedBytes: figure, fetchedBytes: figure })),
    });
    expect(found['devices']?.data).toMatchObject({
      ways: Array.from({ length: 3 }, () => ({ imagesPerSecond: figure, fedBytes: figure, fetchedBytes: figure })),
    });
    expect(found['bits']).toMatchObject({ status: 'skipped', detail: 'a CPU computes the same bits either way' });
    expect(found['xla']?.data).toMatchObject({ imagesPerSecond: { plain: figure, compiled: figure } });
    expect(found['loader']?.data).toMatchObject({ comparisons: [{ unit: 'images/s', value: figure }] });
    expect(errors).toContain('9 passed, 0 failed, 3 skipped');
  });

  it('names what is wrong with its options and with a device that is not there', async () => {
    const wrong = await gpuCheck('--only', 'speed,all', '--device', 'gpu');
    expect(wrong).toMatchObject({ code: 2, output: '' });
    expect(wrong.errors).toMatch(
      /--device: expected auto, cpu, or the index or UUID of a GPU[\s\S]*--only: expected some of oper/,
    );
    const missing = await gpuCheck('--device', '97');
    expect(missing).toMatchObject({ code: 2, output: '' });
    expect(missing.errors).toMatch(/^gpu-check: .*97/);
  });
});
