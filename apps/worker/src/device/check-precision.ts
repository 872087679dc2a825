import { RefusedInputError, type Precision } from '#contracts';
import type { Device } from './device.js';

/** @throws RefusedInputError where this worker cannot compute a network in the precision */
export function checkPrecision({ engine, bf16 }: Pick<Device, 'engine' | 'bf16'>, precision: Precision): void {
  if (precision !== 'bf16' || engine !== 'graph' || bf16 !== 'none') return;
  throw new RefusedInputError(
    'precision bf16 cannot be computed here: ONEDNN_MAX_CPU_ISA keeps oneDNN below AVX-512, where it has no bf16 convolutions',
  );
}
