import { createHash } from 'node:crypto';
import { mkdtemp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buildNetwork, initialState, layoutOf, weightsToSafetensors } from '#resnet';
import { inBucket } from '../../../../../test/support/object-server/in-bucket.js';
import { decodeSignatures } from '#tensorflow-graph';
import { fakeCoordinator, json, type FakeCoordinator } from '../../testing/fake-coordinator.js';
import type { RecordingIo } from '../../testing/recording-io.js';
import { sampleCheckpoint, sampleRun } from '../../testing/sample-run.js';
import { runSkiplane } from '../../testing/run-skiplane.js';

const network = buildNetwork({ architecture: 'resnet20', numClasses: 10 });
const layout = layoutOf(network);
const BYTES = weightsToSafetensors(network, layout, initialState(layout, 1), 3);
const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const classes = Array.from({ length: 10 }, (_, index) => `class ${index}`);
const run = sampleRun({
  checkpoints: [sampleCheckpoint(3, SHA256)],
  dataset: { ...sampleRun().dataset, classes },
});

let coordinator: FakeCoordinator;
let folder: string;
beforeEach(async () => {
  coordinator = await fakeCoordinator();
  coordinator.on(`GET /v1/runs/${run.id}`, json(run));
  coordinator.on(
    `GET /v1/runs/${run.id}/checkpoints/3/weights.safetensors`,
    (_request, response) => void response.end(BYTES),
  );
  folder = await mkdtemp(join(tmpdir(), 'skiplane-export-spec-'));
  await writeFile(join(folder, 'weights.safetensors'), BYTES);
});
afterEach(async () => {
  await coordinator[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const skiplane = (...words: readonly string[]): Promise<RecordingIo> =>
  runSkiplane(['export', ...words, '--url', coordinator.url]);

describe('skiplane export', () => {
  it('writes to a bucket: one file under its name, several below it, or says why not', async () => {
    await using bucket = await inBucket();
    const write = (format: string, out: string) => skiplane(run.id, '--format', format, '-o', out);
    expect((await write('safetensors', 's3://bucket/models/w.safetensors')).exitCode()).toBe(0);
    expect(
      Buffer.compare(bucket.server.objects.get('bucket/models/w.safetensors')?.bytes ?? Buffer.alloc(0), BYTES),
    ).toBe(0);
    expect((await write('savedmodel', 's3://bucket/served/1')).exitCode()).toBe(0);
    const served = [...bucket.server.objects.keys()].filter((key) => key.startsWith('bucket/served/1/'));
    expect(served).toEqual(['bucket/served/1/assets.extra/classes.json', 'bucket/served/1/saved_model.pb']);
    bucket.server.faults.push({ times: 9, method: 'PUT', what: { kind: 'status', status: 403, code: 'AccessDenied' } });
    const refused = await write('onnx', 's3://bucket/models/m.onnx');
    expect(refused.exitCode()).toBe(2);
    expect(refused.errLines.join('\n')).toMatch(/cannot write s3:\/\/bucket\/models\/m\.onnx: .*no right/);
  });

  it('writes the SavedModel folder of a run with its class names', async () => {
    const out = join(folder, 'new', 'served');
    const io = await skiplane(run.id, '--format', 'savedmodel', '-o', out, '--json');
    expect(io.errLines).toEqual([]);
    expect(io.exitCode()).toBe(0);
    expect(JSON.parse(io.outLines[0] ?? '')).toMatchObject({
      runId: run.id,
      step: 3,
      weightsSha256: SHA256,
      files: ['saved_model.pb', 'assets.extra/classes.json'],
    });
    const signatures = decodeSignatures(await readFile(join(out, 'saved_model.pb')));
    expect(Object.keys(signatures)).toEqual(['serving_default', 'encoded', 'normalized']);
    expect(JSON.parse(await readFile(join(out, 'assets.extra', 'classes.json'), 'utf8'))).toEqual(classes);
    expect(await readdir(join(folder, 'new'))).toEqual(['served']);
  });

  it('writes a weights file as one ONNX file and replaces an older one', async () => {
    const out = join(folder, 'model.onnx');
    await writeFile(out, 'old');
    const io = await skiplane(
      join(folder, 'weights.safetensors'),
      '--model',
      'resnet20',
      '--format',
      'onnx',
      '-o',
      out,
    );
    expect(io.outLines).toEqual([expect.stringMatching(/model\.onnx: onnx of resnet20, 1\.1 MB$/)]);
    expect((await readFile(out)).length).toBeGreaterThan(1_000_000);
    expect(coordinator.asked).toEqual([]);
  });

  it('gives the same safetensors back', async () => {
    const out = join(folder, 'again.safetensors');
    await skiplane(run.id, '--format', 'safetensors', '-o', out);
    expect(Buffer.compare(await readFile(out), BYTES)).toBe(0);
  });

  it('refuses flags that mean nothing, all at once, before it asks the coordinator', async () => {
    const io = await skiplane(run.id, '--format', 'onnx', '-o', 'x', '--model', 'resnet20', '--num-classes', '5');
    expect(io.exitCode()).toBe(2);
    expect(io.errLines.join('\n')).toMatch(/--num-classes[^]*--model/);
    expect(coordinator.asked).toEqual([]);
  });

  it('says which network is missing, and that a folder with files is not overwritten', async () => {
    const weights = join(folder, 'weights.safetensors');
    expect((await skiplane(weights, '--format', 'onnx', '-o', 'x')).errLines.join('\n')).toContain('--model');
    const full = join(folder, 'full');
    await mkdir(full);
    await writeFile(join(full, 'mine'), '');
    const io = await skiplane(weights, '--model', 'resnet20', '--format', 'tfjs', '-o', full);
    expect(io.exitCode()).toBe(2);
    expect(await readdir(full)).toEqual(['mine']);
    expect((await readdir(folder)).toSorted()).toEqual(['full', 'weights.safetensors']);
  });
});
