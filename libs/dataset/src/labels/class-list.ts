import { byCodeUnit } from './by-code-unit.js';

/**
 * The classes of labels that are written down rather than laid out as folders: whole numbers by their value first, then words
 * in code unit order. So labels 0 to 999 are the classes 0 to 999.
 */
export function classesOf(labels: Iterable<string>): readonly string[] {
  return [...new Set(labels)].sort((a, b) => {
    const [first, second] = [numberOf(a), numberOf(b)];
    if (first !== null && second !== null) return first - second;
    if (first !== null || second !== null) return first === null ? 1 : -1;
    return byCodeUnit(a, b);
  });
}

function numberOf(label: string): number | null {
  return /^(0|[1-9]\d{0,14})$/.test(label) ? Number(label) : null;
}
