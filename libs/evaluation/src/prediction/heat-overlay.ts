import sharp from 'sharp';
import type { PixelImage } from '#data-loading';
import { enlarged, type HeatMap } from './grad-cam.js';

type Colour = readonly [number, number, number];

/** From what hardly speaks for the class to what speaks most for it. */
const RAMP: readonly Colour[] = [
  [30, 60, 200],
  [0, 190, 230],
  [250, 220, 40],
  [225, 20, 20],
];
/** How much of the image the strongest colour hides. */
const OPACITY = 0.7;

/** A square image with the heat map over it: where the map is zero the image is as it was. */
export function withHeat(image: PixelImage, heat: HeatMap): PixelImage {
  const { values } = enlarged(heat, image.width);
  const pixels = new Uint8Array(image.pixels.length);
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? 0;
    const [red, green, blue] = colourOf(value);
    const mixed = (part: number, byte: number): number => byte + (part - byte) * OPACITY * value;
    const first = at * 3;
    pixels[first] = Math.round(mixed(red, image.pixels[first] ?? 0));
    pixels[first + 1] = Math.round(mixed(green, image.pixels[first + 1] ?? 0));
    pixels[first + 2] = Math.round(mixed(blue, image.pixels[first + 2] ?? 0));
  }
  return { width: image.width, height: image.height, pixels };
}

/** The image as a PNG file. */
export async function encodePng({ width, height, pixels }: PixelImage): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

function colourOf(value: number): Colour {
  const position = value * (RAMP.length - 1);
  const below = Math.min(RAMP.length - 2, Math.floor(position));
  const [from = [0, 0, 0], to = from] = RAMP.slice(below, below + 2);
  const share = position - below;
  const between = (channel: 0 | 1 | 2): number => from[channel] + (to[channel] - from[channel]) * share;
  return [between(0), between(1), between(2)];
}
