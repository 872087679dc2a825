import type { ParameterEntry } from '../layout/layout.js';

/** 32 x 32 floats read and written per tile: 8 KiB, well inside the first-level cache. */
const TILE = 32;

/** [positions, in, out] of a kernel: HWIO and OIHW differ as [p, i, o] and [o, i, p] do; a dense kernel has p = 1. */
function dimensions(entry: ParameterEntry): readonly [number, number, number] | undefined {
  const [a = 1, b = 1, inChannels = 1, outChannels = 1] = entry.shape;
  if (entry.role === 'convolution') return [a * b, inChannels, outChannels];
  return entry.role === 'dense-kernel' ? [1, a, b] : undefined;
}

/** Copies a parameter from engine layout (HWIO, [in, out]) to PyTorch layout (OIHW, [out, in]). */
export function engineToTorch(entry: ParameterEntry, engine: Float32Array, torch: Float32Array): void {
  walk(entry, engine, torch, (engineIndex, torchIndex) => {
    torch[torchIndex] = engine[engineIndex] ?? 0;
  });
}

/** Copies a parameter from PyTorch layout to engine layout. */
export function torchToEngine(entry: ParameterEntry, torch: Float32Array, engine: Float32Array): void {
  walk(entry, torch, engine, (engineIndex, torchIndex) => {
    engine[engineIndex] = torch[torchIndex] ?? 0;
  });
}

function walk(
  entry: ParameterEntry,
  from: Float32Array,
  to: Float32Array,
  copy: (engineIndex: number, torchIndex: number) => void,
): void {
  const sizes = dimensions(entry);
  if (sizes === undefined) {
    to.set(from);
    return;
  }
  const [numPositions, numIn, numOut] = sizes;
  for (let position = 0; position < numPositions; position += 1) {
    for (let firstIn = 0; firstIn < numIn; firstIn += TILE) {
      const endIn = Math.min(firstIn + TILE, numIn);
      for (let firstOut = 0; firstOut < numOut; firstOut += TILE) {
        const endOut = Math.min(firstOut + TILE, numOut);
        for (let o = firstOut; o < endOut; o += 1) {
          for (let i = firstIn; i < endIn; i += 1) {
            copy((position * numIn + i) * numOut + o, (o * numIn + i) * numPositions + position);
          }
        }
      }
    }
  }
}
