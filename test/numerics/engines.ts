import type { Network, TrainingRules, VectorLayout } from '#resnet';
import type { Engine } from '#training';
import { GraphEngine } from '#training';
import { PortableEngine } from '#training';

type MakeEngine = (network: Network, layout: VectorLayout, rules?: TrainingRules) => Engine;

/** Every engine that is compared with PyTorch. */
export const ENGINES: readonly (readonly [string, MakeEngine])[] = [
  ['graph engine', (network, layout, rules) => new GraphEngine(network, layout, rules)],
  ['portable engine', (network, layout, rules) => new PortableEngine(network, layout, rules && { rules })],
];
