import { RefusedInputError } from '#contracts';
import { layoutOf, type Network } from '#resnet';
import { type StepConfig } from './step-config.js';
import { checkPortable } from './engine-input.js';
import type { Engine, EngineOptions } from './engine.js';

/**
 * Loads the engine's code only when it is asked for: the portable one must run where no TensorFlow library is. Throws
 * RefusedInputError where that one is to compute in another precision than fp32
 * or on devices.
 */
export async function makeEngine(
  kind: 'graph' | 'portable',
  network: Network,
  config: StepConfig,
  options: EngineOptions = {},
): Promise<Engine> {
  const layout = layoutOf(network);
  if (kind === 'graph') {
    const { GraphEngine } = await import('./graph/graph-engine.js');
    return new GraphEngine(network, layout, config, options);
  }
  checkPortable(config.precision);
  if (options.devices?.length)
    throw new RefusedInputError('the portable engine computes on the CPU alone: it takes no devices');
  const { PortableEngine } = await import('./portable/portable-engine.js');
  return new PortableEngine(network, layout, { config });
}
