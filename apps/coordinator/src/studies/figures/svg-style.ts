/** `auto` follows the reader's system; the others are fixed. */
export type FigureTheme = 'auto' | 'light' | 'dark';

interface Palette {
  readonly surface: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly curves: readonly string[];
}

/** The dashboard's colours (apps/dashboard/src/styles/tokens.css): told apart also by those who see few of them. */
const LIGHT: Palette = {
  surface: '#fdfcf9',
  ink: '#20231f',
  muted: '#585c55',
  grid: '#e3dfd4',
  curves: ['#2a63a6', '#c4571b', '#2f7f6d', '#a9517e', '#7d8f2c', '#7a62b3', '#b58a1f', '#3c8fa3'],
};
const DARK: Palette = {
  surface: '#1b1f1c',
  ink: '#e9e8e1',
  muted: '#adb2aa',
  grid: '#333a35',
  curves: ['#7fb2ec', '#f0975c', '#58b39c', '#d683ad', '#abbd5c', '#a994e0', '#d9b452', '#6dbccf'],
};

/** Class of a curve; colours come round again where there are more curves than colours. */
export function curveClass(colour: number): string {
  return `c${colour % LIGHT.curves.length}`;
}

/**
 * The style sheet of a figure. Classes and not variables, which drawing programs do not know; the ground is painted, so
 * a figure is readable on a page of either colour.
 */
export function styleSheet(theme: FigureTheme): string {
  const fixed = [
    "text{font:12px 'Segoe UI',Roboto,'Helvetica Neue','Liberation Sans',Arial,sans-serif}",
    '.title{font-size:14px;font-weight:600}.panel{font-weight:600}',
    '.curve{fill:none;stroke-linejoin:round;stroke-linecap:round}',
    '.thin{stroke-width:1.2}.bold{stroke-width:2.6}.band{stroke:none;opacity:.16}.bar{stroke-width:1.2}',
    '.grid{fill:none;stroke-width:1}.middle{text-anchor:middle}.end{text-anchor:end}',
  ].join('');
  if (theme === 'dark') return fixed + colours(DARK);
  if (theme === 'light') return fixed + colours(LIGHT);
  return `${fixed}${colours(LIGHT)}@media (prefers-color-scheme:dark){${colours(DARK)}}`;
}

function colours({ surface, ink, muted, grid, curves }: Palette): string {
  const perCurve = curves.map(
    (colour, index) => `.c${index}{stroke:${colour}}.c${index}.band,.c${index}.mark{fill:${colour}}`,
  );
  return `.surface{fill:${surface}}text{fill:${ink}}.muted{fill:${muted}}.grid{stroke:${grid}}${perCurve.join('')}`;
}
