import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunSpecInput, RunView } from '#contracts';
import { decodeSafetensors } from '../../libs/resnet/src/weights/safetensors-codec.js';
import { isWhole, TrainingStack } from '../support/training-stack.js';

const CLASSES = 4;

const weightsPath = (view: RunView): string => join(view.checkpoints.at(-1)?.directory ?? '', 'weights.safetensors');

/** A data set of the first few classes of another. */
async function fewClasses(world: TrainingStack, classes: readonly string[]): Promise<string> {
  const path = join(world.folder, 'few');
  for (const split of ['train', 'val']) {
    for (const name of classes) {
      await cp(join(world.folder, 'shapes', split, name), join(path, split, name), { recursive: true });
    }
  }
  return path;
}

describe('a run that goes on from the weights of another', () => {
  let world: TrainingStack;
  beforeAll(async () => {
    world = await TrainingStack.start({ workers: 1 });
  }, 120_000);
  afterAll(() => world[Symbol.asyncDispose]());

  it('has the same bits from a file of PyTorch and from safetensors', async () => {
    const files = new URL('../weights/files/', import.meta.url).pathname;
    const blocks = { kind: 'basic' as const, stem: '3x3' as const, widths: [3, 5], numBlocks: [1, 1] };
    const model = { architecture: 'custom', blocks, shortcut: 'B' as const, numClasses: 10, imageSize: 16 };
    const hashes: (string | null)[] = [];
    for (const name of ['plain.safetensors', 'torchvision-reference.pth']) {
      const spec = world.spec({ model, initialWeights: join(files, name), fineTune: {}, epochs: 1 });
      hashes.push((await world.finished(await world.submit(spec))).weightsSha256);
    }
    expect(hashes[1]).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{64}$/);
  }, 120_000);

  it('keeps the bits of what is frozen, and has the same bits killed, started again and joined', async () => {
    const model = { architecture: 'resnet8', imageSize: 16 };
    const first = await world.finished(
      await world.submit(world.spec({ model: { ...model, numClasses: 10 }, epochs: 1 })),
    );
    const path = await fewClasses(world, first.dataset.classes.slice(0, CLASSES));
    const fine: RunSpecInput = world.spec({
      model: { ...model, numClasses: CLASSES },
      dataset: { kind: 'image-folder', path },
      initialWeights: weightsPath(first),
      fineTune: { frozen: ['stem', 'layer1'] },
      epochs: 6,
    });
    const undisturbed = await world.finished(await world.submit(fine));
    expect(isWhole(undisturbed)).toBe(true);

    const [before, after] = await Promise.all(
      [first, undisturbed].map(async (view) => decodeSafetensors(await readFile(weightsPath(view))).tensors),
    );
    const isFrozen = (name: string): boolean => /^(conv1|bn1|layer1)\./.test(name);
    const changed = [...(before?.keys() ?? [])].filter((name) => {
      const [old, now] = [before?.get(name), after?.get(name)];
      return !Buffer.from(old?.data ?? []).equals(Buffer.from(now?.data ?? []));
    });
    expect(changed.filter((name) => isFrozen(name) && !name.endsWith('num_batches_tracked'))).toEqual([]);
    expect(changed).toEqual(expect.arrayContaining(['layer2.0.conv1.weight', 'layer3.0.bn1.running_mean']));
    expect(after?.get('fc.weight')?.shape).toEqual([CLASSES, 64]);

    const id = await world.submit({ ...fine, name: 'again' });
    await world.atStep(id, 7);
    await world.stack.killAll('SIGKILL');
    await world.startAgain();
    await world.atStep(id, 12);
    await world.stack.addWorker();
    const disturbed = await world.finished(id);
    expect(isWhole(disturbed)).toBe(true);
    expect(disturbed.weightsSha256).toBe(undisturbed.weightsSha256);
    const onTwo = await world.finished(await world.submit({ ...fine, name: 'on two', workers: { min: 2, max: 2 } }));
    expect(onTwo.weightsSha256).toBe(undisturbed.weightsSha256);
  }, 240_000);
});
