import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { RefusedInputError } from '#contracts';
import {
  buildNetwork,
  importWeights,
  inspectWeights,
  layoutOf,
  loadWeights,
  openWeights,
  type NetworkOptions,
  type WeightsInspection,
} from '#resnet';

const pathOf = (name: string): string => new URL(`./files/${name}`, import.meta.url).pathname;

/** The network of make_weights.py. */
const MODEL: NetworkOptions = {
  architecture: 'custom',
  blocks: { kind: 'basic', stem: '3x3', widths: [3, 5], numBlocks: [1, 1] },
  shortcut: 'B',
  numClasses: 3,
};
const network = buildNetwork(MODEL);
const layout = layoutOf(network);

const expected = async (name: string) => importWeights(network, layout, await readFile(pathOf(name)));

async function inspected(name: string): Promise<WeightsInspection> {
  await using file = await openWeights(pathOf(name));
  return inspectWeights(file.tensors);
}

async function refusalOf(attempt: Promise<unknown>): Promise<RefusedInputError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RefusedInputError) return error;
  throw new Error('not refused', { cause: error });
}

describe('weights as PyTorch saves them', () => {
  it.each([
    ['plain.pth', ''],
    ['protocol5.pth', ''],
    ['parameters.pth', ''],
    ['double.pth', ''],
    ['channels-last.pth', ''],
    ['one-storage.pth', ''],
    ['big-endian.pth', ''],
    ['no-checksums.pth', ''],
    ['compiled.pt', '_orig_mod.module.'],
    ['imagenet-example.pth.tar', 'state_dict.module.'],
    ['lightning.ckpt', 'state_dict.model.'],
    ['swa.pt', 'module.'],
    ['mmpretrain.bin', 'state_dict.backbone.'],
    // The average, not the weights that it averages.
    ['torchvision-reference.pth', 'model_ema.module.'],
    ['timm.pth.tar', 'state_dict_ema.'],
  ])('are those of safetensors: %s', async (name, prefix) => {
    const { parameters, statistics } = await loadWeights(network, layout, pathOf(name));
    const same = await expected('plain.safetensors');
    expect(parameters).toEqual(same.parameters);
    expect(statistics).toEqual(same.statistics);
    expect(await inspected(name)).toMatchObject({ model: MODEL, prefix, faults: [], cause: null });
  });

  it.each(['half', 'bfloat16'])('are those of safetensors in 16 bits: %s', async (name) => {
    const loaded = await loadWeights(network, layout, pathOf(`${name}.pth`));
    expect(loaded).toEqual(await expected(`${name}.safetensors`));
    expect(loaded.numBatchesTracked).toBe(2);
  });

  it('are told apart from what trainers put beside them', async () => {
    expect(await inspected('lightning.ckpt')).toMatchObject({
      numTensorsBeside: { state_dict: 1, callbacks: 1, optimizer_states: 20 },
    });
    expect(await inspected('swa.pt')).toMatchObject({ numTensorsBeside: { n_averaged: 1 } });
    expect(await inspected('mmpretrain.bin')).toMatchObject({ headPrefix: 'state_dict.head.fc.', numClasses: 3 });
  });

  it.each(['headless.pth', 'projector.pth'])('may lack a head, or have another: %s', async (name) => {
    const found = await inspected(name);
    expect(found).toMatchObject({ model: { ...MODEL, numClasses: 1000 }, numClasses: null, faults: [] });
    expect(found.undetermined).toContain('numClasses');
    expect((await refusalOf(loadWeights(network, layout, pathOf(name)))).message).toBe(
      'the file does not fit custom: it has no head',
    );
  });

  it('are asked for where a file holds two networks', async () => {
    const { message } = await refusalOf(loadWeights(network, layout, pathOf('two-networks.pth')));
    expect(message).toMatch(/it holds several networks, under a\. and b\.: keep one/);
  });
});

describe('files that are refused', () => {
  it.each([
    ['legacy.pth', /^is a legacy file of PyTorch: save it anew/],
    ['evil.pth', /^holds posix\.system: only tensors .* nothing was run/],
    ['whole-model.pth', /^is a whole model, not its state dict: __main__\.Tiny, torch\.nn/],
    ['quantised.pth', /^holds quantised tensors: torch\._utils\._rebuild_qtensor/],
    ['sparse.pth', /^holds sparse tensors/],
    ['nothing.pth', /^holds no tensors/],
    ['script.pt', /^is a TorchScript model/],
    ['arrays.npz', /^is a NumPy archive/],
    ['zipped.zip', /^is a zip around a weights file/],
    ['compressed.pth', /data\.pkl in it is compressed/],
    ['short-storage.pth', /^storage 0 needs 324 bytes, the file has 320/],
    ['shapes.json', /^is text/],
  ])('%s', async (name, message) => {
    expect((await refusalOf(openWeights(pathOf(name)))).message).toMatch(message);
  });

  it('names everything in a pickle that is not read', async () => {
    const { faults } = await refusalOf(openWeights(pathOf('whole-model.pth')));
    expect(faults.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        '__main__.Tiny',
        'torch.nn.modules.linear.Linear',
        'torchvision.models.resnet.BasicBlock',
      ]),
    );
  });

  it('reads no tensor that is larger than its storage', async () => {
    await using file = await openWeights(pathOf('expanded.pth'));
    const tensor = file.tensors.get('fc.weight');
    expect(tensor?.shape).toEqual([10 ** 12]);
    await expect(tensor?.read()).rejects.toThrow(/repeats the numbers of a smaller storage/);
  });
});

describe('networks that are none of ours', () => {
  it.each([
    ['resnext50_32x4d', /^it is of resnext50_32x4d, a ResNeXt: .* in 32 groups/],
    ['resnext101_32x8d', /^it is of resnext101_32x8d, a ResNeXt/],
    ['resnext50d_32x4d', /^it is of resnext50_32x4d, a ResNeXt/],
    ['wide_resnet50_2', /^it is of wide_resnet50_2, a Wide ResNet: .* 2 times as wide/],
    ['resnet50d', /^it is of timm's resnet50d, a ResNet-D: it has a stem of three 3x3 .* and average pooling/],
    ['resnet26d', /^it is of timm's resnet26d, a ResNet-D/],
    ['resnet50c', /^it is of timm's resnet50c, a ResNet with a deep stem/],
    ['seresnet50', /squeeze and excitation/],
    ['ecaresnet26t', /ECA-ResNet/],
    ['res2net50d', /a Res2Net/],
    ['resnest14d', /a ResNeSt/],
    ['skresnet18', /SKNet/],
    ['resnetv2_50', /ResNetV2/],
    ['resnet50_gn', /group normalisation/],
    ['convnext_atto', /ConvNeXt/],
    ['densenet121', /DenseNet/],
    ['vgg11', /VGG/],
    ['alexnet', /AlexNet/],
    ['mobilenet_v2', /MobileNet/],
    ['regnet_y_400mf', /RegNet/],
    ['vit_b_32', /vision transformer/],
  ])('%s is named as what it is', async (name, cause) => {
    const shapes: Record<string, Record<string, number[]>> = JSON.parse(await readFile(pathOf('shapes.json'), 'utf8'));
    const tensors = Object.entries(shapes[name] ?? {}).map(([key, shape]) => ({ name: key, dtype: 'F32', shape }));
    const stored = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    expect(inspectWeights(stored)).toMatchObject({ model: null, cause: expect.stringMatching(cause) });
    // The same where it is taken for one of ours.
    const asked = inspectWeights(stored, { architecture: 'resnet50', numClasses: 1000 });
    expect(asked.cause).toMatch(cause);
    expect(asked.faults.length).toBeGreaterThan(2);
  });
});
