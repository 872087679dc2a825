import { isObject } from '#contracts';

/** One field of a spec that differs; values as JSON, null where the field is missing. */
export interface SpecChange {
  readonly path: string;
  readonly was: string | null;
  readonly is: string | null;
}

/** Every field that differs, by its dotted path; a list is one field. */
export function specChanges(was: unknown, is: unknown, path = ''): SpecChange[] {
  if (isObject(was) && isObject(is)) {
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
    return names.flatMap((name) => specChanges(was[name], is[name], path === '' ? name : `${path}.${name}`));
  }
  const [before, after] = [wordsOf(was), wordsOf(is)];
  return before === after ? [] : [{ path, was: before, is: after }];
}

/** The JSON merge patch (RFC 7396) that makes `is` of `was`. */
export function patchBetween(was: Readonly<Record<string, unknown>>, is: Readonly<Record<string, unknown>>) {
  const patch: Record<string, unknown> = {};
  for (const name of Object.keys(was)) if (is[name] === undefined) patch[name] = null;
  for (const [name, value] of Object.entries(is)) {
    const before = was[name];
    if (wordsOf(before) === wordsOf(value)) continue;
    patch[name] = isObject(before) && isObject(value) ? patchBetween(before, value) : value;
  }
  return patch;
}

function wordsOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(inOrder(value));
}

/** The order of an object's fields says nothing. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (!isObject(value)) return value;
  const names = Object.keys(value).sort();
  return Object.fromEntries(names.map((name) => [name, inOrder(value[name])]));
}
