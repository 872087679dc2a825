import { layoutOf, type Network } from '#resnet';
import { type StepConfig } from './step-config.js';
import type { Engine } from './engine.js';

/** Loads the engine's code only when it is asked for: the portable one must run where no TensorFlow library is. */
export async function makeEngine(kind: 'graph' | 'portable', network: Network, config: StepConfig): Promise<Engine> {
  const layout = layoutOf(network);
  if (kind === 'graph') {
    const { GraphEngine } = await import('./graph/graph-engine.js');
    return new GraphEngine(network, layout, config);
  }
  const { PortableEngine } = await import('./portable/portable-engine.js');
  return new PortableEngine(network, layout, { config });
}
