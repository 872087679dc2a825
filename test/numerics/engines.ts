import type { Network, TrainingRules, VectorLayout } from '#resnet';
import type { Engine } from '../../libs/training/src/engine/engine.js';
import { GraphEngine } from '../../libs/training/src/engine/graph-engine.js';
import { PortableEngine } from '../../libs/training/src/engine/portable-engine.js';

type MakeEngine = (network: Network, layout: VectorLayout, rules?: TrainingRules) => Engine;

/** Every engine that is compared with PyTorch. */
export const ENGINES: readonly (readonly [string, MakeEngine])[] = [
  ['graph engine', (network, layout, rules) => new GraphEngine(network, layout, rules)],
  ['portable engine', (network, layout, rules) => new PortableEngine(network, layout, rules && { rules })],
];
