import { PADDING_RGB, type CropPlan } from '#dataset';

/**
 * Writes a resized window into a batch: shifted, padded and mirrored as planned. On the host because it is one pass
 * over bytes that are copied into the batch anyway.
 *
 * @param window imageSize x imageSize x 3 bytes
 * @param target receives imageSize x imageSize x 3 bytes
 */
export function placeWindow(window: Uint8Array, plan: CropPlan, imageSize: number, target: Uint8Array): void {
  const { shift, flip } = plan;
  if (shift.x === 0 && shift.y === 0 && !flip) {
    target.set(window);
    return;
  }
  const [red, green, blue] = PADDING_RGB;
  let to = 0;
  for (let row = 0; row < imageSize; row += 1) {
    const fromRow = row + shift.y;
    const isRowInside = fromRow >= 0 && fromRow < imageSize;
    for (let column = 0; column < imageSize; column += 1, to += 3) {
      // Mirroring comes last, so it picks the column of the shifted image.
      const fromColumn = (flip ? imageSize - 1 - column : column) + shift.x;
      if (isRowInside && fromColumn >= 0 && fromColumn < imageSize) {
        const from = (fromRow * imageSize + fromColumn) * 3;
        target[to] = window[from] ?? 0;
        target[to + 1] = window[from + 1] ?? 0;
        target[to + 2] = window[from + 2] ?? 0;
      } else {
        target[to] = red;
        target[to + 1] = green;
        target[to + 2] = blue;
      }
    }
  }
}
