import type { VectorLayout } from './layout.js';
import type { NetworkNode } from '../network/layers.js';
import type { Network } from '../network/network.js';

/** The end of a network: features, averaged over all positions, then a dense layer. */
export interface ClassifierHead {
  /** Index of the node whose output is averaged: the last stage's features [H,W,C]. */
  readonly features: number;
  readonly dense: Extract<NetworkNode, { kind: 'dense' }>;
}

/** Finds the head that every network of `buildNetwork` has. Throws for another one. */
export function classifierHead(network: Network): ClassifierHead {
  const dense = network.nodes.at(-1);
  const pool = network.nodes[dense?.inputs[0] ?? -1];
  const features = pool?.inputs[0];
  if (dense?.kind !== 'dense' || pool?.kind !== 'global-average-pool' || features === undefined) {
    throw new Error(`${network.architecture} does not end with an average over all positions and a dense layer`);
  }
  return { features, dense };
}

/** The weight of each feature in the score of a class; a copy. */
export function classWeights(
  network: Network,
  { parameters: entries }: VectorLayout,
  { parameters }: { readonly parameters: Float32Array },
  ofClass: number,
): Float32Array<ArrayBuffer> {
  const { name, inFeatures, outFeatures } = classifierHead(network).dense;
  const kernel = entries.find((entry) => entry.name === `${name}.weight`);
  if (kernel === undefined) throw new Error(`the layout has no entry ${name}.weight`);
  // The kernel is [features, classes].
  return Float32Array.from(
    { length: inFeatures },
    (_, feature) => parameters[kernel.offset + feature * outFeatures + ofClass] ?? Number.NaN,
  );
}
