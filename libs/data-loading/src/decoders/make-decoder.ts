import type { ImageDecoder } from './image-decoder.js';

/** Loads a decoder's code only when it is asked for: the portable one must run where no TensorFlow library is. */
export async function makeDecoder(kind: ImageDecoder['kind']): Promise<ImageDecoder> {
  if (kind === 'tensorflow') {
    const { tensorflowDecoder } = await import('./tensorflow-decoder.js');
    return tensorflowDecoder();
  }
  const { portableDecoder } = await import('./portable-decoder.js');
  return portableDecoder();
}
