import type { DatasetReader } from '#dataset';
import type { LocalFiles } from '#stores';
import type { RequestService } from '#threads';
import type { TestCropMaker } from './test-crop-maker.js';
import type { TestCropRequest, TestCropsOfSamples } from './test-crop-messages.js';

export interface TestCropServiceOptions {
  readonly maker: TestCropMaker;
  readonly reader: Pick<DatasetReader, 'filesOf'>;
  /** Of the reader. */
  readonly files: Pick<LocalFiles, 'prefetch'>;
}

/** What a thread of test crops does: reads and decodes images, and cuts the protocol's crops out of them. */
export function testCropService({
  maker,
  reader,
  files,
}: TestCropServiceOptions): RequestService<TestCropRequest, TestCropsOfSamples> {
  return {
    answer: ({ samples, imageSizes, ahead }) => {
      if (ahead) files.prefetch(ahead.flatMap((wanted) => reader.filesOf(wanted.samples)));
      return maker.make(samples, imageSizes);
    },
    transfers: ({ batches }) => batches.map(({ pixels }) => pixels.buffer),
  };
}
