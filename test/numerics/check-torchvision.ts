/** `npm run test:torchvision`: what we export loads into torchvision with strict=True and gives the same logits there. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { exportModel } from '#export';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { hashedBatch, hashedState, networkWithLayout } from './hash-formula.js';
import { encodeCase } from './torchvision-case.js';

const HELP = `Usage: npm run test:torchvision -- --python VENV/bin/python [NETWORK...]

Trains each network for a step on four images of 64 pixels, exports it as safetensors, loads the file into torchvision with
strict=True and compares the logits of two images. Needs a Python with torch, torchvision and safetensors.

Networks: resnet18, resnet34, resnet50, resnet101, resnet152; without names all of them.`;

const NETWORKS = ['resnet18', 'resnet34', 'resnet50', 'resnet101', 'resnet152'];
const TOLERANCE = 1e-4;
const NUM_CLASSES = 12;
const NUM_IMAGES = 2;
const IMAGE_SIZE = 64;
const UPDATE = { learningRate: 0.01, step: 1 };
const answerSchema = z.object({
  relativeError: z.number(),
  hasSameTopFive: z.boolean(),
  numBatchesTracked: z.int(),
});

/** torchvision's answer to one network of ours. */
async function compare(python: string, architecture: string, folder: string): Promise<z.infer<typeof answerSchema>> {
  const { network, layout } = networkWithLayout({ architecture, numClasses: NUM_CLASSES, imageSize: IMAGE_SIZE });
  const engine = new GraphEngine(network, layout);
  try {
    engine.writeState(hashedState(network, layout));
    engine.train(hashedBatch(network, 4, 1), { globalBatch: 4, numRounded: 0 }, UPDATE);
    const batch = hashedBatch(network, NUM_IMAGES, 2);
    const logits = engine.predict(batch);
    const [weights] = exportModel({ network, layout, ...engine.readState(), numBatchesTracked: 1 }, 'safetensors');
    const [weightsFile, caseFile] = [join(folder, 'weights.safetensors'), join(folder, 'case.safetensors')];
    await writeFile(weightsFile, weights?.bytes ?? '');
    const shape = [NUM_IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3];
    await writeFile(caseFile, encodeCase({ pixels: batch.images, shape, logits, numClasses: NUM_CLASSES }));
    const script = resolve('test/numerics/torchvision_check.py');
    const args = [script, architecture, String(NUM_CLASSES), weightsFile, caseFile];
    const { stdout } = await promisify(execFile)(python, args, { timeout: 300_000 });
    return answerSchema.parse(JSON.parse(stdout));
  } finally {
    engine.close();
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { python: { type: 'string', default: 'python3' }, help: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !NETWORKS.includes(name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no network of torchvision: ${unknown.join(', ')}`);
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}
const folder = await mkdtemp(join(tmpdir(), 'skiplane-torchvision-'));
try {
  for (const name of positionals.length > 0 ? positionals : NETWORKS) {
    const { relativeError, hasSameTopFive, numBatchesTracked } = await compare(values.python, name, folder);
    const fits = relativeError <= TOLERANCE && hasSameTopFive && numBatchesTracked === 1;
    console.log(
      `${name}: ${fits ? 'equal' : 'NOT EQUAL'}, relative error of the logits ${relativeError.toExponential(1)}`,
    );
    if (!fits) process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
