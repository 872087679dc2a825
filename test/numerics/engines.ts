import type { Network, VectorLayout } from '#resnet';
import type { StepConfig } from '#engine';
import type { Engine } from '../../libs/engine/src/engine.js';
import { GraphEngine } from '../../libs/engine/src/graph/graph-engine.js';
import { PortableEngine } from '../../libs/engine/src/portable/portable-engine.js';

type MakeEngine = (network: Network, layout: VectorLayout, config?: StepConfig) => Engine;

/** Every engine that is compared with PyTorch. */
export const ENGINES: readonly (readonly [string, MakeEngine])[] = [
  ['graph engine', (network, layout, config) => new GraphEngine(network, layout, config)],
  ['portable engine', (network, layout, config) => new PortableEngine(network, layout, config && { config })],
];
