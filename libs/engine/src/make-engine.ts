import { layoutOf, type Network } from '#resnet';
import { type TrainingRules } from './training-rules.js';
import type { Engine } from './engine.js';

/** Loads the engine's code only when it is asked for: the portable one must run where no TensorFlow library is. */
export async function makeEngine(kind: 'graph' | 'portable', network: Network, rules: TrainingRules): Promise<Engine> {
  const layout = layoutOf(network);
  if (kind === 'graph') {
    const { GraphEngine } = await import('./graph/graph-engine.js');
    return new GraphEngine(network, layout, rules);
  }
  const { PortableEngine } = await import('./portable/portable-engine.js');
  return new PortableEngine(network, layout, { rules });
}
