import type { Network, VectorLayout } from '#resnet';
import type { TrainingRules } from '#engine';
import type { Engine } from '../../libs/engine/src/engine.js';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { PortableEngine } from '../../libs/engine/src/portable/portable-engine.js';

type MakeEngine = (network: Network, layout: VectorLayout, rules?: TrainingRules) => Engine;

/** Every engine that is compared with PyTorch. */
export const ENGINES: readonly (readonly [string, MakeEngine])[] = [
  ['graph engine', (network, layout, rules) => new GraphEngine(network, layout, rules)],
  ['portable engine', (network, layout, rules) => new PortableEngine(network, layout, rules && { rules })],
];
