import { provisionRedis } from '#queue';
import { RefusedInputError } from '#contracts';
import type { ProvisionProgress } from '#provision';
import { provisionTensorflow } from '#tensorflow-runtime';
import type { StackConfig } from './stack-config.js';

/** Gets what the processes of a stack need and the machine lacks. Nothing is loaded into this process. */
export async function provisionStack(
  config: StackConfig,
  progress: ProvisionProgress,
  signal?: AbortSignal,
): Promise<void> {
  const { cacheDirectory } = config;
  const stop = signal ? { signal } : {};
  if (config.engine !== 'portable') {
    const result = await provisionTensorflow({ cacheDirectory, progress, ...stop });
    if (result.kind === 'portable' && config.engine === 'graph') {
      throw new RefusedInputError('SKIPLANE_ENGINE=graph, but no TensorFlow library can be had on this machine');
    }
  }
  if (config.redisUrl === undefined) await provisionRedis({ cacheDirectory, progress, ...stop });
}
