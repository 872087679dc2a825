import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RefusedInputError, runSpecSchema } from '#contracts';
import { buildNetwork, freezeParts, initialState, layoutOf, weightsToSafetensors } from '#resnet';
import { firstState } from './first-state.js';

const spec = runSpecSchema.parse({
  name: 'fine',
  model: { architecture: 'resnet8', numClasses: 4 },
  dataset: { kind: 'image-folder', path: 'data' },
  epochs: 1,
  seed: 9,
});
const network = freezeParts(buildNetwork(spec.model), ['layer2']);
const layout = layoutOf(network);
const random = { ...initialState(layout, spec.seed), slots: { momentum: new Float32Array(layout.numTrained) } };

const source = buildNetwork({ architecture: 'resnet8', numClasses: 10 });
const sourceLayout = layoutOf(source);
const sourceState = initialState(sourceLayout, 5);
const bytes = weightsToSafetensors(source, sourceLayout, sourceState, 12);
const sha256 = createHash('sha256').update(bytes).digest('hex');

const place = { network, layout, files: { pathOf: (address: string) => Promise.resolve(address) } };

describe('the state a run begins with', () => {
  let path: string;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'skiplane-first-state-'));
    path = join(folder, 'initial.safetensors');
    await writeFile(path, bytes);
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is random without weights', async () => {
    expect(await firstState({ spec }, place)).toEqual(random);
  });

  it('is that of the file, whatever is frozen, with a head of the seed and no momentum', async () => {
    const state = await firstState({ spec, initialWeights: { path, sha256, newHead: true } }, place);
    expect(state.slots).toEqual(random.slots);
    for (const { name, offset, length } of layout.parameters) {
      const [from, at] = name.startsWith('fc.')
        ? [random.parameters, offset]
        : [sourceState.parameters, sourceLayout.parameters.find((entry) => entry.name === name)?.offset ?? 0];
      expect(state.parameters.slice(offset, offset + length)).toEqual(from.slice(at, at + length));
    }
  });

  it('is refused where the file changed, is away, or does not fit', async () => {
    const begin = (newHead = true) => firstState({ spec, initialWeights: { path, sha256, newHead } }, place);
    await expect(begin(false)).rejects.toThrow(/its head is of 10 classes, not 4/);
    await writeFile(path, bytes.with(bytes.length - 1, 1));
    await expect(begin()).rejects.toThrow(RefusedInputError);
    await expect(begin()).rejects.toThrow(/were submitted/);
    await rm(path);
    await expect(begin()).rejects.toThrow(/cannot be read/);
  });
});
