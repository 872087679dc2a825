/**
 * The ten classes as fields over the plane: each maps a point to a signed distance, negative inside, in units where
 * the figure has radius 1. Textures (stripes, checks, dots) fill a disc of that radius.
 */
type Field = (x: number, y: number) => number;

const disc: Field = (x, y) => Math.hypot(x, y) - 1;
const box =
  (halfWidth: number, halfHeight: number): Field =>
  (x, y) =>
    Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
const inside = (texture: number, x: number, y: number): number => Math.max(texture, disc(x, y));
/** Distance to a wave of the given period, negative in half of it. */
const wave = (value: number, period: number): number => {
  const phase = value / period - Math.floor(value / period);
  return (Math.abs(phase - 0.5) - 0.25) * period;
};

/** A five-pointed star by folding the plane onto one of its ten half points. */
const star: Field = (x, y) => {
  const sector = Math.PI / 5;
  const angle = Math.atan2(x, y);
  const folded = Math.abs(angle - 2 * sector * Math.round(angle / (2 * sector)));
  const radius = Math.hypot(x, y);
  const px = radius * Math.sin(folded);
  const py = radius * Math.cos(folded);
  // The edge runs from the tip (0, 1) to the inner corner at radius 0.42.
  const inner = 0.42;
  const dx = inner * Math.sin(sector);
  const dy = inner * Math.cos(sector) - 1;
  return ((py - 1) * dx - px * dy) / Math.hypot(dx, dy);
};

const triangle: Field = (x, y) => Math.max(y - 0.6, Math.abs(x) * 0.866 - y * 0.5 - 0.5);

/** Class name and field, in label order (sorted by name, as the reader sorts folders). */
export const SHAPE_FIELDS: readonly (readonly [string, Field])[] = [
  [
    'checks',
    (x, y) =>
      inside(
        Math.sign(wave(x, 0.8)) * Math.sign(wave(y, 0.8)) * Math.min(Math.abs(wave(x, 0.8)), Math.abs(wave(y, 0.8))),
        x,
        y,
      ),
  ],
  ['circle', disc],
  ['crescent', (x, y) => Math.max(disc(x, y), 0.85 - Math.hypot(x - 0.5, y))],
  ['cross', (x, y) => Math.min(box(0.3, 1)(x, y), box(1, 0.3)(x, y))],
  ['dots', (x, y) => inside(Math.hypot(wave(x, 0.66) + 0.165, wave(y, 0.66) + 0.165) - 0.2, x, y)],
  ['ring', (x, y) => Math.abs(Math.hypot(x, y) - 0.78) - 0.22],
  ['square', box(0.8, 0.8)],
  ['star', star],
  ['stripes', (x, y) => inside(wave(x, 0.5), x, y)],
  ['triangle', triangle],
];
