import { ReadMemory, UnreadableSampleError } from '#dataset';
import type { LocalFiles } from '#stores';
import type { RequestService } from '#threads';
import type { DecodedPart, DecodeRequest, SampleFailure } from './decode-messages.js';
import type { SampleDecoder } from './sample-decoder.js';

/** Samples of a part under way at once: reads of the next ones go on while one is decoded. */
const SAMPLES_AT_ONCE = 8;

export interface SplitDecoders {
  readonly train: SampleDecoder;
  readonly validation: SampleDecoder;
}

/** What a data thread does: one part at a time, the lowest round first. `files`: of both splits. */
export function decodeService(
  decoders: SplitDecoders,
  files: Pick<LocalFiles, 'prefetch'>,
): RequestService<DecodeRequest, DecodedPart> {
  return {
    answer: (request, signal) => {
      const { ahead } = request;
      if (ahead) files.prefetch(ahead.flatMap(({ split, samples }) => decoderOf(decoders, split).filesOf(samples)));
      return decodePart(decoderOf(decoders, request.split), request, signal);
    },
    order: ({ round }) => round,
  };
}

function decoderOf({ train, validation }: SplitDecoders, split: DecodeRequest['split']): SampleDecoder {
  return split === 'train' ? train : validation;
}

async function decodePart(decoder: SampleDecoder, request: DecodeRequest, signal: AbortSignal): Promise<DecodedPart> {
  const { imageSize, samples, rows, images } = request;
  const rowBytes = imageSize * imageSize * 3;
  const labels = new Int32Array(samples.length);
  const failures: SampleFailure[] = [];
  const queue = samples.entries();
  const lane = async (): Promise<void> => {
    const memory = new ReadMemory();
    for (const [at, sample] of queue) {
      if (signal.aborted) return;
      const row = rows[at] ?? 0;
      labels[at] = decoder.label(sample);
      try {
        const target = images.subarray(row * rowBytes, (row + 1) * rowBytes);
        await decoder.decodeInto(target, sample, { ...request, memory });
      } catch (error) {
        if (!(error instanceof UnreadableSampleError)) throw error;
        failures.push({ row, path: error.path, reason: error.reason });
      }
    }
  };
  await Promise.all(Array.from({ length: SAMPLES_AT_ONCE }, lane));
  return { labels, failures: failures.sort((a, b) => a.row - b.row) };
}
