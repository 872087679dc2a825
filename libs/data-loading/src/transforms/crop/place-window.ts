import { PADDING_RGB, type CropParameters } from './crop-parameters.js';

/**
 * Writes a resized window into a batch: shifted, padded and mirrored as planned. On the host because it is one pass
 * over bytes that are copied into the batch anyway.
 *
 * @param window imageSize x imageSize x 3 bytes
 * @param target receives imageSize x imageSize x 3 bytes
 */
export function placeWindow(
  window: Uint8Array,
  plan: Omit<CropParameters, 'cut'>,
  imageSize: number,
  target: Uint8Array,
): void {
  const { shift, flip } = plan;
  if (shift.x === 0 && shift.y === 0 && !flip) {
    target.set(window);
    return;
  }
  // Output columns [first, end) come from inside the window, before mirroring.
  const first = Math.max(0, -shift.x);
  const end = Math.min(imageSize, imageSize - shift.x);
  if (first > 0 || end < imageSize || shift.y !== 0) fillPadding(target);
  for (let row = Math.max(0, -shift.y); row < Math.min(imageSize, imageSize - shift.y); row += 1) {
    const from = ((row + shift.y) * imageSize + first + shift.x) * 3;
    const numBytes = (end - first) * 3;
    if (!flip) {
      target.set(window.subarray(from, from + numBytes), (row * imageSize + first) * 3);
      continue;
    }
    // Mirroring comes last: column c of the shifted image lands in column imageSize - 1 - c.
    let to = (row * imageSize + imageSize - 1 - first) * 3;
    for (let at = from; at < from + numBytes; at += 3, to -= 3) {
      target[to] = window[at] ?? 0;
      target[to + 1] = window[at + 1] ?? 0;
      target[to + 2] = window[at + 2] ?? 0;
    }
  }
}

function fillPadding(target: Uint8Array): void {
  target.set(PADDING_RGB);
  // Doubling: log2(pixels) copies.
  for (let filled = 3; filled < target.length; filled *= 2)
    target.copyWithin(filled, 0, Math.min(filled, target.length - filled));
}
