import { RefusedInputError } from '#contracts';

/** As many shards as a set may have; a slip of a key makes a billion of them. */
const MOST_NAMES = 1_000_000;

/**
 * Names by a pattern as shells and WebDataset have it: `{000..146}` counts, with the zeros that stand before the first number;
 * `{a,b}` lists. Several braces multiply. Throws RefusedInputError where the pattern cannot be read.
 */
export function expandBraces(pattern: string): readonly string[] {
  let names: readonly string[] = [''];
  for (const [, literal, braces] of pattern.matchAll(/([^{}]+)|\{([^{}]*)\}|[{}]/g)) {
    if (literal === undefined && braces === undefined) throw refusal(pattern, 'its braces do not match');
    const choices = literal === undefined ? choicesOf(pattern, braces ?? '') : [literal];
    if (names.length * choices.length > MOST_NAMES) throw refusal(pattern, `names more than ${MOST_NAMES} files`);
    names = names.flatMap((name) => choices.map((choice) => name + choice));
  }
  return names;
}

function choicesOf(pattern: string, braces: string): readonly string[] {
  const range = /^(\d+)\.\.(\d+)$/.exec(braces);
  if (range === null) {
    if (!braces.includes(','))
      throw refusal(pattern, `{${braces}} is neither a range like {000..146} nor a list like {a,b}`);
    return braces.split(',');
  }
  const [, from = '', to = ''] = range;
  const [first, last] = [Number(from), Number(to)];
  if (last < first) throw refusal(pattern, `{${braces}} counts down`);
  if (last - first >= MOST_NAMES) throw refusal(pattern, `names more than ${MOST_NAMES} files`);
  const width = from.startsWith('0') || from.length === to.length ? from.length : 0;
  return Array.from({ length: last - first + 1 }, (_, at) => String(first + at).padStart(width, '0'));
}

function refusal(pattern: string, message: string): RefusedInputError {
  return new RefusedInputError(`${pattern}: ${message}`);
}
