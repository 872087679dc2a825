/** Outlines in a square of 100, one for each of the ten shapes. */
const OUTLINES: readonly string[] = [
  '<circle cx="50" cy="50" r="32"/>',
  '<path d="M38 15h24v23h23v24H62v23H38V62H15V38h23z"/>',
  '<path d="M50 12 86 50 50 88 14 50z"/>',
  '<path d="M50 84C10 56 14 22 36 22q12 0 14 12 2-12 14-12c22 0 26 34-14 62z"/>',
  '<path d="M32 18h36l20 32-20 32H32L12 50z"/>',
  '<path d="M62 16a36 36 0 1 0 0 68 38 38 0 0 1 0-68z"/>',
  '<path fill-rule="evenodd" d="M50 14a36 36 0 1 1 0 72 36 36 0 0 1 0-72zm0 20a16 16 0 1 0 0 32 16 16 0 0 0 0-32z"/>',
  '<path d="M20 20h60v60H20z"/>',
  '<path d="m50 12 11 26 28 2-21 19 6 28-24-15-24 15 6-28-21-19 28-2z"/>',
  '<path d="M50 16 88 82H12z"/>',
];

export interface FixtureSample {
  readonly sample: number;
  readonly label: number;
  /** Seed of the augmentation; null: as stored. */
  readonly draw: number | null;
}

/** The picture of a sample: its shape in a colour of its own; augmented ones are shifted, cut and mirrored. */
export function sampleSvg({ sample, label, draw }: FixtureSample): string {
  const hue = (sample * 47) % 360;
  const turn = (sample * 31) % 40;
  const seed = draw === null ? 0 : sample * 13 + draw * 29 + 1;
  const [left, top] = [(seed * 7) % 24, (seed * 11) % 24];
  const side = draw === null ? 100 : 76;
  const mirror = seed % 2 === 1 ? 'matrix(-1 0 0 1 100 0)' : '';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="224" height="224" viewBox="${left} ${top} ${side} ${side}">`,
    `<path d="M-9-9h120v120H-9z" fill="hsl(${(hue + 150) % 360} 35% 82%)"/>`,
    `<g transform="${mirror} rotate(${turn - 20} 50 50)" fill="hsl(${hue} 55% 45%)">${OUTLINES[label % 10] ?? ''}</g>`,
    '</svg>',
  ].join('');
}
