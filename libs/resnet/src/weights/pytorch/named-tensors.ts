import { RefusedInputError } from '#contracts';
import { PickledList, TensorRef, type PickleValue } from './pickle-values.js';

/** `{"state_dict": {"module.conv1.weight": ...}}` has three. */
const MAX_DEPTH = 8;

/** Every tensor of a pickle by the keys that lead to it, joined with dots. Throws RefusedInputError where two have one name. */
export function namedTensors(root: PickleValue): ReadonlyMap<string, TensorRef> {
  const tensors = new Map<string, TensorRef>();
  // A container that is reached twice is one: a pickle can hold itself.
  const seen = new Set<PickleValue>();
  const visit = (value: PickleValue, path: readonly string[]): void => {
    if (value instanceof TensorRef) {
      const name = path.join('.');
      if (tensors.has(name)) throw new RefusedInputError(`two tensors in it are called ${name}`);
      tensors.set(name, value);
      return;
    }
    if (path.length >= MAX_DEPTH || seen.has(value)) return;
    seen.add(value);
    for (const [key, item] of itemsOf(value)) {
      if (typeof key === 'string' || typeof key === 'number') visit(item, [...path, String(key)]);
    }
  };
  visit(root, []);
  return tensors;
}

function itemsOf(value: PickleValue): Iterable<readonly [PickleValue, PickleValue]> {
  if (value instanceof Map) return value;
  if (value instanceof PickledList) return value.items.entries();
  return Array.isArray(value) ? (value as readonly PickleValue[]).entries() : [];
}
