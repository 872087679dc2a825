import { UnreadableSampleError } from '#dataset';
import type { RequestService } from '#threads';
import type { DecodedPart, DecodeRequest, SampleFailure } from './decode-messages.js';
import type { SampleDecoder } from './sample-decoder.js';

/** Samples of a part under way at once: reads of the next ones go on while one is decoded. */
const SAMPLES_AT_ONCE = 8;

export interface SplitDecoders {
  readonly train: SampleDecoder;
  readonly validation: SampleDecoder;
}

/** What a data thread does: one part at a time, the lowest round first. */
export function decodeService(decoders: SplitDecoders): RequestService<DecodeRequest, DecodedPart> {
  return {
    answer: (request, signal) => decodePart(decoders, request, signal),
    transfers: ({ images, labels }) => [images.buffer, labels.buffer],
    order: ({ round }) => round,
  };
}

async function decodePart(
  { train, validation }: SplitDecoders,
  request: DecodeRequest,
  signal: AbortSignal,
): Promise<DecodedPart> {
  const { imageSize, samples, split } = request;
  const decoder = split === 'train' ? train : validation;
  const rowBytes = imageSize * imageSize * 3;
  const images = new Uint8Array(samples.length * rowBytes);
  const labels = new Int32Array(samples.length);
  const failures: SampleFailure[] = [];
  const queue = samples.entries();
  const lane = async (): Promise<void> => {
    for (const [row, sample] of queue) {
      if (signal.aborted) return;
      labels[row] = decoder.label(sample);
      try {
        await decoder.decodeInto(images.subarray(row * rowBytes, (row + 1) * rowBytes), sample, request);
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        failures.push({ row, path: error.path, reason: error.reason });
      }
    }
  };
  await Promise.all(Array.from({ length: SAMPLES_AT_ONCE }, lane));
  return { images, labels, failures: failures.sort((a, b) => a.row - b.row) };
}
