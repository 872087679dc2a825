/**
 * Mean training loss of a network in double precision, by loops a reader can check: the oracle whose finite differences
 * the graph engine's gradients are tested against. Images and activations are flat NHWC.
 */
import type { Network, NetworkNode, VectorLayout } from '#resnet';

type Values = Float64Array;

interface Activation {
  readonly values: Values;
  readonly shape: readonly [number, number, number];
}

type NodeOf<Kind extends NetworkNode['kind']> = Extract<NetworkNode, { kind: Kind }>;

const at = (values: ArrayLike<number>, index: number): number => values[index] ?? Number.NaN;

/** Calls `visit` for every output pixel, channel by channel, with what lies under its window. */
function windows(
  count: number,
  input: Activation,
  node: { readonly size: number; readonly stride: number; readonly padding: number; readonly shape: readonly number[] },
  visit: (output: number, taps: readonly { readonly tap: number; readonly pixel: number }[]) => void,
): void {
  const [height, width] = input.shape;
  const [outHeight = 0, outWidth = 0] = node.shape;
  for (let n = 0; n < count; n += 1) {
    for (let row = 0; row < outHeight; row += 1) {
      for (let column = 0; column < outWidth; column += 1) {
        const taps: { tap: number; pixel: number }[] = [];
        for (let tap = 0; tap < node.size ** 2; tap += 1) {
          const y = row * node.stride - node.padding + Math.floor(tap / node.size);
          const x = column * node.stride - node.padding + (tap % node.size);
          if (y >= 0 && y < height && x >= 0 && x < width) taps.push({ tap, pixel: (n * height + y) * width + x });
        }
        visit((n * outHeight + row) * outWidth + column, taps);
      }
    }
  }
}

function convolve(node: NodeOf<'convolution'>, input: Activation, kernel: Values, count: number): Values {
  const { inChannels, outChannels, kernelSize, stride, padding, shape } = node;
  const result = new Float64Array(count * shape[0] * shape[1] * outChannels);
  windows(count, input, { size: kernelSize, stride, padding, shape }, (output, taps) => {
    for (const { tap, pixel } of taps) {
      for (let from = 0; from < inChannels; from += 1) {
        const value = at(input.values, pixel * inChannels + from);
        for (let to = 0; to < outChannels; to += 1) {
          const index = output * outChannels + to;
          result[index] = at(result, index) + value * at(kernel, (tap * inChannels + from) * outChannels + to);
        }
      }
    }
  });
  return result;
}

interface Normalization {
  readonly gamma: Values;
  readonly beta: Values;
  readonly epsilon: number;
  readonly running?: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> };
}

function normalize(x: Values, channels: number, weights: Normalization): Values {
  const rows = x.length / channels;
  const result = new Float64Array(x.length);
  for (let channel = 0; channel < channels; channel += 1) {
    let mean = 0;
    for (let row = 0; row < rows; row += 1) mean += at(x, row * channels + channel) / rows;
    let variance = 0;
    for (let row = 0; row < rows; row += 1) variance += (at(x, row * channels + channel) - mean) ** 2 / rows;
    if (weights.running) {
      mean = at(weights.running.mean, channel);
      variance = at(weights.running.variance, channel);
    }
    const scale = at(weights.gamma, channel) / Math.sqrt(variance + weights.epsilon);
    for (let row = 0; row < rows; row += 1) {
      const index = row * channels + channel;
      result[index] = (at(x, index) - mean) * scale + at(weights.beta, channel);
    }
  }
  return result;
}

function maxPool(node: NodeOf<'max-pool'>, input: Activation, count: number): Values {
  const channels = node.shape[2];
  const result = new Float64Array(count * node.shape[0] * node.shape[1] * channels);
  windows(count, input, node, (output, taps) => {
    for (let channel = 0; channel < channels; channel += 1) {
      result[output * channels + channel] = Math.max(
        ...taps.map(({ pixel }) => at(input.values, pixel * channels + channel)),
      );
    }
  });
  return result;
}

function zeroPad(node: NodeOf<'zero-pad-shortcut'>, input: Activation, count: number): Values {
  const [height, width, channels] = node.shape;
  const result = new Float64Array(count * height * width * channels);
  windows(count, input, { size: 1, stride: node.stride, padding: 0, shape: node.shape }, (output, taps) => {
    for (let channel = 0; channel < input.shape[2]; channel += 1) {
      const pixel = taps[0]?.pixel ?? 0;
      result[output * channels + node.channelsBefore + channel] = at(input.values, pixel * input.shape[2] + channel);
    }
  });
  return result;
}

function averagePool(input: Activation, count: number): Values {
  const [height, width, channels] = input.shape;
  const result = new Float64Array(count * channels);
  input.values.forEach((value, index) => {
    const target = Math.floor(index / (height * width * channels)) * channels + (index % channels);
    result[target] = at(result, target) + value / (height * width);
  });
  return result;
}

function dense(
  node: NodeOf<'dense' | 'linear'>,
  x: Values,
  weights: { kernel: Values; bias: Values },
  count: number,
): Values {
  const { inFeatures, outFeatures } = node;
  return Float64Array.from({ length: count * outFeatures }, (_, index) => {
    const to = index % outFeatures;
    let total = at(weights.bias, to);
    for (let from = 0; from < inFeatures; from += 1) {
      total += at(x, Math.floor(index / outFeatures) * inFeatures + from) * at(weights.kernel, from * outFeatures + to);
    }
    return total;
  });
}

function openGate(node: NodeOf<'gate'>, input: Values | undefined, bias: Values | undefined, count: number): Values {
  const x = input ?? new Float64Array(count * node.channels);
  return x.map((value, index) => {
    const sum = value + (bias === undefined ? 0 : at(bias, index % node.channels));
    return node.squash === 'sigmoid' ? 1 / (1 + Math.exp(-sum)) : Math.min(1, Math.max(0, sum / 6 + 1 / 2));
  });
}

function mix(node: NodeOf<'mix'>, [branch, shortcut, gate]: readonly (Activation | undefined)[]): Values {
  if (!branch || !shortcut || !gate) throw new Error('mix needs branch, shortcut and gate');
  const [height, width, channels] = node.shape;
  const [gateHeight, gateWidth, gateChannels] = gate.shape;
  return branch.values.map((value, index) => {
    const image = Math.floor(index / (height * width * channels));
    const pixel = gateHeight * gateWidth === 1 ? 0 : Math.floor(index / channels) % (height * width);
    const channel = gateChannels === 1 ? 0 : index % channels;
    const open = at(gate.values, (image * gateHeight * gateWidth + pixel) * gateChannels + channel);
    return open * value + (1 - open) * at(shortcut.values, index);
  });
}

/**
 * Mean cross-entropy of a batch, with batch statistics; frozen nodes use those of the batch's `statistics`. `parameters`
 * is the flat vector of the layout.
 */
export function referenceLoss(
  network: Network,
  layout: VectorLayout,
  parameters: Values,
  batch: {
    readonly images: ArrayLike<number>;
    readonly labels: ArrayLike<number>;
    readonly statistics?: Float32Array;
  },
): number {
  const count = batch.labels.length;
  const weight = (name: string): Values => {
    const entry = layout.parameters.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`no parameter ${name}`);
    return parameters.subarray(entry.offset, entry.offset + entry.length);
  };
  const running = (name: string): ArrayLike<number> => {
    const entry = layout.statistics.find((candidate) => candidate.name === name);
    if (entry === undefined) throw new Error(`no statistic ${name}`);
    return batch.statistics?.subarray(entry.offset, entry.offset + entry.length) ?? [];
  };
  const activations: Activation[] = [];
  for (const node of network.nodes) {
    const inputs = node.inputs.map((index) => activations[index]);
    activations.push({ values: compute(node, inputs), shape: node.shape });
  }
  const logits = activations.at(-1)?.values ?? new Float64Array();
  let loss = 0;
  for (let n = 0; n < count; n += 1) {
    const row = logits.subarray(n * network.numClasses, (n + 1) * network.numClasses);
    const largest = Math.max(...row);
    const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    loss += (largest + Math.log(total) - at(row, at(batch.labels, n))) / count;
  }
  return loss;

  function compute(node: NetworkNode, inputs: readonly (Activation | undefined)[]): Values {
    const [first, second] = inputs;
    if (node.kind === 'input') return Float64Array.from(batch.images);
    if (node.kind === 'gate') {
      const bias = node.initialBias === null ? undefined : weight(`${node.name}.bias`);
      return openGate(node, first?.values, bias, count);
    }
    if (first === undefined) throw new Error(`${node.kind} has no input`);
    switch (node.kind) {
      case 'convolution':
        return convolve(node, first, weight(`${node.name}.weight`), count);
      case 'batch-normalization': {
        const { epsilon, name, channels } = node;
        return normalize(first.values, channels, {
          gamma: weight(`${name}.weight`),
          beta: weight(`${name}.bias`),
          epsilon,
          ...(node.isFrozen === true
            ? { running: { mean: running(`${name}.running_mean`), variance: running(`${name}.running_var`) } }
            : {}),
        });
      }
      case 'relu':
        return first.values.map((value) => Math.max(0, value));
      case 'max-pool':
        return maxPool(node, first, count);
      case 'zero-pad-shortcut':
        return zeroPad(node, first, count);
      case 'add':
        return first.values.map((value, index) => value + at(second?.values ?? [], index));
      case 'mix':
        return mix(node, inputs);
      case 'linear': {
        const none = { kernel: weight(`${node.name}.weight`), bias: new Float64Array(node.outFeatures) };
        return dense(node, first.values, none, count);
      }
      case 'global-average-pool':
        return averagePool(first, count);
      case 'dense':
        return dense(
          node,
          first.values,
          { kernel: weight(`${node.name}.weight`), bias: weight(`${node.name}.bias`) },
          count,
        );
    }
  }
}
