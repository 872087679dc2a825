import { randomStream, type RandomStream } from '#contracts';
import type { ParameterEntry, VectorLayout } from './layout.js';

/** What a network knows, flat, in VectorLayout order. */
export interface NetworkState {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
}

/** Looked up once: in the contexts of a test runner looking globals up for each weight takes most of the time. */
const { cos, log, sin, sqrt, PI } = Math;

/** Keeps these streams apart from those of sample order and augmentation of the same seed ("INIT"). */
const PURPOSE = 0x494e4954;

/**
 * State before the first step, a pure function of (seed, tensor index): every worker makes the same one,
 * whatever is frozen.
 *
 * Convolutions: N(0, 2 / (k*k*out)), He et al. 2015 ("Delving deep") in its fan-out form, which keeps the variance of
 * gradients; the authors' Torch successor and torchvision do so too. N(0, 2 / (k*k*in)) where the network says so. Dense kernel and bias: uniform within
 * 1/sqrt(inFeatures), PyTorch's default; where the network says so the kernel normal and the bias 0. Gamma 1 (0 where the network says so), beta 0, a gate's bias what the network says, running mean 0, variance 1.
 * Costs some 25 ns per weight.
 */
export function initialState(layout: VectorLayout, seed: number): NetworkState {
  const parameters = new Float32Array(layout.numParameters);
  for (const entry of layout.parameters) {
    const tensor = parameters.subarray(entry.offset, entry.offset + entry.length);
    fillParameter(tensor, entry, randomStream(seed, PURPOSE, entry.seedIndex), inFeaturesOf(layout, entry));
  }
  const statistics = new Float32Array(layout.numStatistics);
  for (const entry of layout.statistics) {
    if (entry.kind === 'variance') statistics.fill(1, entry.offset, entry.offset + entry.length);
  }
  return { parameters, statistics };
}

/** Inputs of the dense layer that a kernel, or the bias beside it, belongs to; 1 for anything else. */
function inFeaturesOf({ parameters }: VectorLayout, { role, name, shape }: ParameterEntry): number {
  if (role === 'dense-kernel') return shape[0] ?? 1;
  const kernelName = name.replace(/\.bias$/, '.weight');
  return role === 'dense-bias' ? (parameters.find((entry) => entry.name === kernelName)?.shape[0] ?? 1) : 1;
}

function fillParameter(tensor: Float32Array, entry: ParameterEntry, stream: RandomStream, inFeatures: number): void {
  switch (entry.role) {
    case 'convolution': {
      const [height = 1, width = 1, inChannels = 1, outChannels = 1] = entry.shape;
      const fan = height * width * (entry.startsByFanIn === true ? inChannels : outChannels);
      return fillNormal(tensor, stream, sqrt(2 / fan));
    }
    case 'dense-kernel':
      if (entry.startsNormal !== undefined) return fillNormal(tensor, stream, entry.startsNormal);
      return fillUniform(tensor, stream, 1 / sqrt(inFeatures));
    case 'dense-bias':
      if (entry.startsAt !== undefined) return void tensor.fill(entry.startsAt);
      return fillUniform(tensor, stream, 1 / sqrt(inFeatures));
    case 'gamma':
      if (entry.startsAtZero !== true) tensor.fill(1);
      return undefined;
    case 'gate-bias':
      tensor.fill(entry.startsAt ?? 0);
      return undefined;
    case 'beta':
      return undefined;
  }
}

/** Box-Muller, both normals of each pair of uniforms. */
function fillNormal(tensor: Float32Array, stream: RandomStream, deviation: number): void {
  for (let index = 0; index < tensor.length; index += 2) {
    const radius = deviation * sqrt(-2 * log(1 - stream.nextFloat()));
    const angle = 2 * PI * stream.nextFloat();
    tensor[index] = radius * cos(angle);
    // A write past the end of a typed array is dropped: odd lengths lose the spare normal.
    tensor[index + 1] = radius * sin(angle);
  }
}

function fillUniform(tensor: Float32Array, stream: RandomStream, bound: number): void {
  for (let index = 0; index < tensor.length; index += 1) tensor[index] = bound * (2 * stream.nextFloat() - 1);
}
