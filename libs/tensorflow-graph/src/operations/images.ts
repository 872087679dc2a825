import { attribute } from '../attribute.js';
import type { GraphBuilder, Tensor } from '../graph-builder.js';

/** uint8 [height, width, 3] of one JPEG or PNG, given as a scalar of bytes. */
export function decodeImage(graph: GraphBuilder, bytes: Tensor): Tensor {
  // Its kernel reads PNG too. DecodeImage would take the less exact DCT.
  return graph.tensor('DecodeJpeg', 'uint8', {
    inputs: [bytes],
    attributes: {
      channels: attribute.int(3),
      fancy_upscaling: attribute.bool(true),
      dct_method: attribute.string('INTEGER_ACCURATE'),
    },
  });
}
