import { provisionRedis } from '#queue';
import { RefusedInputError } from '#contracts';
import type { ProvisionProgress } from '#provision';
import { provisionTensorflow } from '#tensorflow-runtime';
import type { StackConfig } from './stack-config.js';

/** What is got whatever this machine looks like. */
export interface ProvisionChoice {
  /** Default: `gpu` where a driver shows one, else `cpu`. One that was asked for and cannot be had is a fault. */
  readonly tensorflow?: 'cpu' | 'gpu';
  /** Default: true, unless the configuration names a Redis. */
  readonly needsRedis?: boolean;
}

/** Gets what the processes of a stack need and the machine lacks. Nothing is loaded into this process. */
export async function provisionStack(
  config: StackConfig,
  progress: ProvisionProgress,
  signal?: AbortSignal,
  choice: ProvisionChoice = {},
): Promise<void> {
  const { cacheDirectory } = config;
  const stop = signal ? { signal } : {};
  if (config.engine !== 'portable' || choice.tensorflow !== undefined) {
    const variant = choice.tensorflow === undefined ? {} : { variant: choice.tensorflow };
    const result = await provisionTensorflow({ cacheDirectory, progress, ...variant, ...stop });
    if (result.kind === 'portable' && choice.tensorflow !== undefined) {
      throw new RefusedInputError(`--tensorflow ${choice.tensorflow}: that library cannot be had on this machine`);
    }
    if (result.kind === 'portable' && config.engine === 'graph') {
      throw new RefusedInputError('SKIPLANE_ENGINE=graph, but no TensorFlow library can be had on this machine');
    }
  }
  if (config.redisUrl === undefined && choice.needsRedis !== false) {
    await provisionRedis({ cacheDirectory, progress, ...stop });
  }
}
