import type { RandomStream } from '#contracts';
import { SHAPE_FIELDS } from './shape-fields.js';

type Colour = readonly [number, number, number];

const NOISE_SIGMA = 12;
const MAX_SPECKS = 5;
/** Figures lean by up to so many radians to either side. */
const MAX_TURN = 0.6;

/**
 * Draws one figure of class `label` on a shaded ground, imageSize x imageSize RGB bytes: random place, radius, turn,
 * colours, pixel noise and specks, so that neither colour nor position tells the class.
 */
export function drawShape(label: number, imageSize: number, random: RandomStream): Uint8Array {
  const field = SHAPE_FIELDS[label]?.[1];
  if (field === undefined) throw new RangeError(`label ${label} is not in [0, ${SHAPE_FIELDS.length})`);
  const between = (low: number, high: number): number => low + (high - low) * random.nextFloat();
  const radius = between(0.26, 0.42) * imageSize;
  const reach = Math.max(0, imageSize / 2 - 0.9 * radius);
  const centreX = imageSize / 2 + between(-reach, reach);
  const centreY = imageSize / 2 + between(-reach, reach);
  const turn = between(-MAX_TURN, MAX_TURN);
  const cos = Math.cos(turn) / radius;
  const sin = Math.sin(turn) / radius;
  const ground = groundColour(random);
  const figure = figureColour(random);
  const shadeX = between(-50, 50) / imageSize;
  const shadeY = between(-50, 50) / imageSize;
  const specks = Array.from({ length: random.nextInt(MAX_SPECKS + 1) }, () => ({
    x: between(0, imageSize),
    y: between(0, imageSize),
    radius: between(0.02, 0.05) * imageSize,
    colour: randomColour(random),
  }));

  const pixels = new Uint8Array(imageSize * imageSize * 3);
  for (let row = 0, at = 0; row < imageSize; row += 1) {
    for (let column = 0; column < imageSize; column += 1, at += 3) {
      const x = column + 0.5 - centreX;
      const y = row + 0.5 - centreY;
      const cover = coverage(field(x * cos + y * sin, y * cos - x * sin) * radius);
      const shade = x * shadeX + y * shadeY + NOISE_SIGMA * random.nextNormal();
      const speck = specks.find((each) => Math.hypot(column + 0.5 - each.x, row + 0.5 - each.y) < each.radius);
      for (let channel = 0; channel < 3; channel += 1) {
        const below = ground[channel] ?? 0;
        const plain = below + ((figure[channel] ?? 0) - below) * cover;
        const value = (speck?.colour[channel] ?? plain) + shade;
        pixels[at + channel] = Math.max(0, Math.min(255, Math.round(value)));
      }
    }
  }
  return pixels;
}

/** Share of a pixel that lies inside an edge at signed distance `pixels`. */
function coverage(pixels: number): number {
  return Math.max(0, Math.min(1, 0.5 - pixels));
}

function randomColour(random: RandomStream): Colour {
  return [random.nextInt(256), random.nextInt(256), random.nextInt(256)];
}

/** A dark colour: the figure is the lighter of the two, whatever their hues. */
function groundColour(random: RandomStream): Colour {
  return [random.nextInt(120), random.nextInt(120), random.nextInt(120)];
}

function figureColour(random: RandomStream): Colour {
  return [136 + random.nextInt(120), 136 + random.nextInt(120), 136 + random.nextInt(120)];
}
