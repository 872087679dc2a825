import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildNetwork, initialState, layoutOf, weightsToSafetensors } from '#resnet';
import { runSkiplane } from '../../testing/run-skiplane.js';
import type { RecordingIo } from '../../testing/recording-io.js';

const network = buildNetwork({ architecture: 'resnet8', shortcut: 'B', numClasses: 5 });
const layout = layoutOf(network);
const BYTES = weightsToSafetensors(network, layout, initialState(layout, 1), 3);

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skiplane-inspect-spec-'));
  file = join(folder, 'weights.safetensors');
  await writeFile(file, BYTES);
});
afterEach(() => rm(folder, { recursive: true }));

const inspect = (...words: readonly string[]): Promise<RecordingIo> => runSkiplane(['weights', 'inspect', ...words]);

describe('skiplane weights inspect', () => {
  it('tells the network and lists the tensors', async () => {
    const io = await inspect(file, '--tensors');
    expect(io.exitCode()).toBe(0);
    const [text = ''] = io.outLines;
    expect(text).toMatch(
      /network +resnet8, shortcut "B"\n +parameters +77,\d+\n +classes +5\n +tensors +\d+ F32, 9 I64/,
    );
    expect(text).toContain('every tensor fits');
    expect(text).toMatch(/layer2\.0\.downsample\.0\.weight +F32 +\[32, 16, 1, 1\]/);
  });

  it('ends with 2 and names what does not fit the network that is asked for, in JSON too', async () => {
    const asked = ['--model', 'resnet8', '--num-classes', '7'];
    const io = await inspect(file, ...asked);
    expect(io.exitCode()).toBe(2);
    expect(io.outLines[0]).toContain('  fc.bias: floats [7] expected, F32 [5] came');
    const result = JSON.parse((await inspect(file, ...asked, '--json')).outLines[0] ?? '');
    expect(result).toMatchObject({ file, sizeBytes: BYTES.length, model: { architecture: 'resnet8', numClasses: 7 } });
    expect(result.faults).toHaveLength(2 + 12);
  });

  it('tells of a file of PyTorch what stood before the names and what lies beside', async () => {
    const files = new URL('../../../../../test/weights/files/', import.meta.url).pathname;
    const text = (await inspect(join(files, 'torchvision-reference.pth'))).outLines[0] ?? '';
    expect(text).toMatch(/: PyTorch, 38\.\d kB\n/);
    expect(text).toMatch(/prefix +model_ema\.module\., an average of weights/);
    expect(text).toMatch(
      /beside +model \(38 tensors\), optimizer \(20 tensors\), model_ema \(1 tensor\): not looked at/,
    );
    expect((await inspect(join(files, 'mmpretrain.bin'))).outLines[0]).toMatch(/head +state_dict\.head\.fc\./);
    const evil = await inspect(join(files, 'evil.pth'));
    expect(evil.exitCode()).toBe(2);
    expect(evil.errLines.join()).toMatch(/evil\.pth: holds posix\.system: only tensors/);
  });

  it('gives the cause before the list', async () => {
    const io = await inspect(file, '--model', 'resnet14', '--num-classes', '5');
    expect(io.outLines[0]).toMatch(/it is of resnet8, shortcut "B"\n\d+ do not fit:\n/);
  });

  it('refuses what is no weights file, and flags of no network', async () => {
    await truncate(file, BYTES.length - 1);
    const cut = await inspect(file);
    expect(cut.exitCode()).toBe(2);
    expect(cut.errLines.join()).toContain('the file holds');
    expect((await inspect(folder)).errLines.join()).toContain('is no file');
    expect((await inspect(join(folder, 'none'), '--json')).errLines.join()).toMatch(/"error":".*none: cannot be read/);
    const lone = await inspect(file, '--num-classes', '7');
    expect(lone.exitCode()).toBe(2);
    expect(lone.errLines.join()).toContain('--num-classes: is of a network');
  });

  it('gives an example with --help', async () => {
    const io = await inspect('--help');
    expect(io.exitCode()).toBe(0);
    expect(io.outLines.join()).toMatch(/Example:\n +skiplane weights inspect/);
  });
});
