import { UnreadableSampleError } from '#dataset';
import type { DecodedPart, DecodeReply, DecodeRequest, SampleFailure } from './decode-messages.js';
import type { SampleDecoder } from './sample-decoder.js';

type Job = Extract<DecodeRequest, { kind: 'decode' }>;

/** Samples of a part under way at once: reads of the next ones go on while one is decoded. */
const SAMPLES_AT_ONCE = 8;

export interface DecodeServiceOptions {
  readonly train: SampleDecoder;
  readonly validation: SampleDecoder;
  /** Sends a reply; `transfer` may be moved to the receiver. */
  readonly reply: (reply: DecodeReply, transfer: readonly ArrayBuffer[]) => void;
}

/** The data thread's work loop: one part at a time, the lowest round first. */
export class DecodeService {
  private readonly waiting: Job[] = [];
  private readonly cancelled = new Set<number>();
  private isWorking = false;

  constructor(private readonly options: DecodeServiceOptions) {}

  receive(request: DecodeRequest): void {
    if (request.kind === 'decode') {
      this.waiting.push(request);
      if (!this.isWorking) void this.work();
      return;
    }
    const at = this.waiting.findIndex((job) => job.id === request.id);
    if (at >= 0) this.waiting.splice(at, 1);
    else this.cancelled.add(request.id);
  }

  private async work(): Promise<void> {
    this.isWorking = true;
    for (let job = this.takeNext(); job; job = this.takeNext()) {
      try {
        const part = await this.decode(job);
        if (!this.cancelled.has(job.id)) {
          this.options.reply({ kind: 'decoded', id: job.id, part }, [part.images.buffer, part.labels.buffer]);
        }
      } catch (error) {
        const { message, stack } = error instanceof Error ? error : new Error(String(error));
        this.options.reply({ kind: 'failed', id: job.id, message, stack }, []);
      }
      // A cancelled id is never asked for again.
      this.cancelled.clear();
    }
    this.isWorking = false;
  }

  private takeNext(): Job | undefined {
    let best = 0;
    for (const [at, job] of this.waiting.entries()) {
      if (job.round < (this.waiting[best]?.round ?? Infinity)) best = at;
    }
    return this.waiting.splice(best, 1)[0];
  }

  private async decode(job: Job): Promise<DecodedPart> {
    const { imageSize } = job;
    const decoder = job.split === 'train' ? this.options.train : this.options.validation;
    const rowBytes = imageSize * imageSize * 3;
    const images = new Uint8Array(job.samples.length * rowBytes);
    const labels = new Int32Array(job.samples.length);
    const failures: SampleFailure[] = [];
    const queue = job.samples.entries();
    const lane = async (): Promise<void> => {
      for (const [row, sample] of queue) {
        if (this.cancelled.has(job.id)) return;
        labels[row] = decoder.label(sample);
        try {
          await decoder.decodeInto(images.subarray(row * rowBytes, (row + 1) * rowBytes), sample, job);
        } catch (error) {
          if (!(error instanceof UnreadableSampleError)) throw error;
          failures.push({ row, path: error.path, reason: error.reason });
        }
      }
    };
    await Promise.all(Array.from({ length: SAMPLES_AT_ONCE }, lane));
    return { images, labels, failures: failures.sort((a, b) => a.row - b.row) };
  }
}
