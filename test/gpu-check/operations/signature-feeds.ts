import type { Network } from '#resnet';
import type { Session, Feed, Feeds } from '#tensorflow-runtime';

type TensorSpec = Session['signatures'][string]['inputs'][string];

/** Something to feed to any signature of a network's graphs: small finite numbers, labels that there are, whole images. */
export function signatureFeeds(network: Network, signature: Session['signatures'][string], numSamples = 3): Feeds {
  return Object.fromEntries(
    // Of a slot `images/0` is what `images` is elsewhere.
    Object.entries(signature.inputs).map(([name, spec]) => [
      name,
      feedOf(network, name.replace(/\/\d+$/, ''), spec, numSamples),
    ]),
  );
}

function feedOf({ imageSize }: Network, name: string, { dtype, shape = [] }: TensorSpec, numSamples: number): Feed {
  // Open sizes are the samples, in an image's rows and columns its side, in a mask that all samples share a single one.
  const openSize = (axis: number): number => (name === 'mask' ? 1 : axis === 0 ? numSamples : imageSize);
  const sizes = shape.map((size, axis) => (size === -1 ? openSize(axis) : size));
  const length = sizes.reduce((product, size) => product * size, 1);
  const make = MADE[dtype];
  if (!make) throw new Error(`an input ${name} of ${dtype} is new: say here what to feed`);
  return { shape: sizes, data: make(length, name) };
}

const bytes = (length: number): number[] => Array.from({ length }, (_, index) => (index * 2_654_435_761) >>> 24);

const MADE: Partial<Record<TensorSpec['dtype'], (length: number, name: string) => Feed['data']>> = {
  float32: (length) => new Float32Array(length).fill(1 / 2),
  uint8: (length) => Uint8Array.from(bytes(length)),
  int32: (length, name) => {
    // Labels count up from 0, pixels may come as int32, and what else does are the bits of float32.
    if (name === 'labels') return Int32Array.from({ length }, (_, index) => index);
    if (name === 'images') return Int32Array.from(bytes(length));
    return new Int32Array(new Float32Array(length).fill(1 / 8).buffer);
  },
};
