import type { Shortcut } from '#contracts';
import type { NetworkBuilder } from './network-builder.js';

export interface ShortcutOptions {
  /** Prefix of the projection's names, e.g. `layer2.0`. */
  readonly name: string;
  readonly stride: number;
  readonly outChannels: number;
  readonly shortcut: Shortcut;
  readonly shortcutPadding: 'after' | 'both';
}

/** He et al. 2015, section 3.3: the identity where the shape allows it, else option A, B or C. */
export function appendShortcut(builder: NetworkBuilder, from: number, options: ShortcutOptions): number {
  const { name, stride, shortcut, outChannels } = options;
  const isSameShape = stride === 1 && builder.shapeOf(from)[2] === outChannels;
  if (isSameShape && shortcut !== 'C') return from;
  if (shortcut === 'A')
    return builder.zeroPadShortcut(from, { stride, outChannels, placement: options.shortcutPadding });
  const projection = { kernelSize: 1, stride, padding: 0, outChannels };
  return builder.batchNormalization(
    builder.convolution(from, `${name}.downsample.0`, projection),
    `${name}.downsample.1`,
  );
}
