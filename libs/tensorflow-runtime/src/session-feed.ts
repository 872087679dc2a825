import { RefusedInputError } from '#contracts';
import { DATA_TYPES, type Signature, type TensorSpec } from '#tensorflow-graph';
import type { NativeData } from './binding.js';

/** What a run is given for one input; borrowed for the call. */
export interface Feed {
  /** Float32Array for float32, Int32Array for int32, Uint8Array for uint8 and bool, an array of bytes for string. */
  readonly data: NativeData;
  readonly shape: readonly number[];
}

export type Feeds = Readonly<Record<string, Feed>>;

// Tags rather than instanceof: in a test runner's realm the arrays of another realm are as good.
const ARRAY_TAGS: Partial<Record<TensorSpec['dtype'], string>> = {
  float32: 'Float32Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
  bool: 'Uint8Array',
  string: 'Array',
};

function tagOf(data: NativeData): string {
  return Array.isArray(data) ? 'Array' : (data as Float32Array)[Symbol.toStringTag];
}

function faultsOf(name: string, spec: TensorSpec, feed: Feed | undefined): { path: string; message: string }[] {
  if (feed === undefined) return [{ path: name, message: `missing: expected ${spec.dtype}` }];
  const faults: { path: string; message: string }[] = [];
  const wanted = ARRAY_TAGS[spec.dtype];
  if (wanted === undefined) faults.push({ path: name, message: `${spec.dtype} cannot be fed` });
  else if (tagOf(feed.data) !== wanted) {
    faults.push({ path: name, message: `expected ${wanted} for ${spec.dtype}, got ${tagOf(feed.data)}` });
  }
  const elements = feed.shape.reduce((product, size) => product * size, 1);
  if (elements !== feed.data.length) {
    faults.push({
      path: name,
      message: `shape [${feed.shape.join(', ')}] needs ${elements} elements, got ${feed.data.length}`,
    });
  }
  const { shape } = spec;
  const isFitting =
    shape === undefined ||
    (shape.length === feed.shape.length && shape.every((size, axis) => size === -1 || size === feed.shape[axis]));
  if (!isFitting) {
    faults.push({ path: name, message: `expected shape [${shape.join(', ')}], got [${feed.shape.join(', ')}]` });
  }
  return faults;
}

/** A feed with the number of its element type. */
export interface CheckedFeed extends Feed {
  readonly dtype: number;
}

/** The feeds in the order of the signature's inputs; throws RefusedInputError with every fault found. */
export function checkFeeds(signatureName: string, signature: Signature, feeds: Feeds): readonly CheckedFeed[] {
  const faults = Object.entries(signature.inputs).flatMap(([name, spec]) => faultsOf(name, spec, feeds[name]));
  for (const name of Object.keys(feeds)) {
    if (!(name in signature.inputs))
      faults.push({ path: name, message: `signature ${signatureName} has no such input` });
  }
  if (faults.length > 0) {
    const text = faults.map(({ path, message }) => `${path}: ${message}`).join('; ');
    throw new RefusedInputError(`signature ${signatureName} refused its inputs: ${text}`, faults);
  }
  return Object.entries(signature.inputs).flatMap(([name, spec]) => {
    const feed = feeds[name];
    return feed === undefined ? [] : [{ ...feed, dtype: DATA_TYPES[spec.dtype] }];
  });
}
