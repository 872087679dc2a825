import * as tf from '@tensorflow/tfjs';
import type { VectorLayout } from '#resnet';
import type { Weights } from '../inference-engine.js';
import type { TensorLookup } from './forward-context.js';

interface Entry {
  readonly name: string;
  readonly offset: number;
  readonly length: number;
  readonly shape?: readonly number[];
}

/** Weights and running statistics by name; the caller's scope owns the tensors. */
export function tensorLookup(layout: VectorLayout, { parameters, statistics }: Weights): TensorLookup {
  const of = (vector: Float32Array, entry: Entry) => [entry.name, tensorOf(vector, entry)] as const;
  const tensors = new Map([
    ...layout.parameters.map((entry) => of(parameters, entry)),
    ...layout.statistics.map((entry) => of(statistics, entry)),
  ]);
  return (name) => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`the layout is of another network: ${name}`);
    return tensor;
  };
}

/** An entry of a flat vector, in its shape. */
export function tensorOf(vector: Float32Array, { offset, length, shape }: Entry): tf.Tensor {
  return tf.tensor(vector.subarray(offset, offset + length), [...(shape ?? [length])]);
}
