import type { Network, VectorLayout } from '#resnet';
import type { Engine } from '../../libs/training/src/engine/engine.js';
import { GraphEngine } from '../../libs/training/src/engine/graph-engine.js';
import { PortableEngine } from '../../libs/training/src/engine/portable-engine.js';

type MakeEngine = (network: Network, layout: VectorLayout) => Engine;

/** Every engine that is compared with PyTorch. */
export const ENGINES: readonly (readonly [string, MakeEngine])[] = [
  ['graph engine', (network, layout) => new GraphEngine(network, layout)],
  ['portable engine', (network, layout) => new PortableEngine(network, layout)],
];
