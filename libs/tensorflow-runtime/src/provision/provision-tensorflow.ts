import { join } from 'node:path';
import type { ProvisionProgress } from '#provision';
import { surveyGpus } from '../devices/survey-gpus.js';
import { bindingPackageDirectory } from './binding-layout.js';
import type { BindingSource } from './binding-source.js';
import { probeBinding } from './probe-binding.js';
import { provisionBinding, type ProvisionedBinding } from './provision-binding.js';
import { publishedSource } from './published-source.js';
import { tensorflowWheel, type BindingVariant } from './tensorflow-wheels.js';
import { wheelSource } from './wheel-source.js';

export interface ProvisionTensorflowOptions {
  /** Root of the cache; the bindings go to `tensorflow/` below it. */
  readonly cacheDirectory: string;
  readonly progress: ProvisionProgress;
  /** Default: `gpu` where `nvidia-smi` shows a GPU, else `cpu`. */
  readonly variant?: BindingVariant;
  readonly signal?: AbortSignal;
}

/** Which TensorFlow the package in `node_modules` now runs on, or that there is none and the portable engine has to do. */
export type TensorflowProvision =
  | (ProvisionedBinding & { readonly kind: 'tensorflow' })
  | { readonly kind: 'portable'; readonly reasons: readonly string[] };

/**
 * Makes `@tensorflow/tfjs-node-gpu` loadable: a binding that works already, else a cached one (under 0.1 s), else the
 * published download, else one built against TensorFlow's Python wheel (some 40 s). Never throws for want of a library:
 * the portable engine is the last way, with a warning. Safe to call from several processes at once.
 */
export async function provisionTensorflow(options: ProvisionTensorflowOptions): Promise<TensorflowProvision> {
  const variant = options.variant ?? (await variantOf(options.progress));
  const result = await provisionBinding({
    packageDirectory: bindingPackageDirectory(),
    cacheDirectory: join(options.cacheDirectory, 'tensorflow'),
    downloadDirectory: join(options.cacheDirectory, 'wheels'),
    sources: sourcesFor(variant),
    probe: probeBinding,
    progress: options.progress,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  if ('entry' in result) return { kind: 'tensorflow', ...result };
  options.progress.warn(
    'no TensorFlow library could be had, so training uses the portable engine: the same results within rounding, ' +
      `but many times slower. ${result.reasons.join('; ')}`,
  );
  return { kind: 'portable', reasons: result.reasons };
}

/** A driver that fails is told of: its GPUs, once it is mended, want another library. */
async function variantOf(progress: ProvisionProgress): Promise<BindingVariant> {
  const { devices, faults } = await surveyGpus();
  for (const fault of faults) progress.warn(fault);
  return devices.length > 0 ? 'gpu' : 'cpu';
}

/** The ways to a binding, in the order in which they are tried. */
function sourcesFor(variant: BindingVariant): BindingSource[] {
  const wheel = tensorflowWheel(variant);
  const built = wheel ? [wheelSource(wheel, variant)] : [];
  // The published library is TensorFlow 2.9 of 2022, so it comes second to the version everything is tested on. The one
  // for GPUs is built for CUDA 11.2 and brings none of its libraries: on a GPU it would run on the CPU.
  return variant === 'gpu' ? built : [...built, publishedSource()];
}
