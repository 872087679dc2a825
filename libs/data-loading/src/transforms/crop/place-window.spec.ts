import { describe, expect, it } from '@jest/globals';
import { PADDING_RGB } from './crop-parameters.js';
import { placeWindow } from './place-window.js';

const SIZE = 9;
const WINDOW = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, at) => (at * 7) % 256);

/** The definition, pixel by pixel. */
function placedPixel(row: number, column: number, shift: { x: number; y: number }, flip: boolean): readonly number[] {
  const fromRow = row + shift.y;
  const fromColumn = (flip ? SIZE - 1 - column : column) + shift.x;
  if (Math.min(fromRow, fromColumn) < 0 || Math.max(fromRow, fromColumn) >= SIZE) return PADDING_RGB;
  const at = (fromRow * SIZE + fromColumn) * 3;
  return [...WINDOW.subarray(at, at + 3)];
}

describe('placeWindow', () => {
  it('shifts, pads and mirrors as defined, for every shift of pad-crop', () => {
    for (let x = -4; x <= 4; x += 1) {
      for (let y = -4; y <= 4; y += 1) {
        for (const flip of [false, true]) {
          const target = new Uint8Array(WINDOW.length).fill(1);
          placeWindow(WINDOW, { shift: { x, y }, flip }, SIZE, target);
          const expected = Array.from({ length: SIZE * SIZE }, (_, at) =>
            placedPixel(Math.floor(at / SIZE), at % SIZE, { x, y }, flip),
          ).flat();
          expect([...target]).toEqual(expected);
        }
      }
    }
  });
});
