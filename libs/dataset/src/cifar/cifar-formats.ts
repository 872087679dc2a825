import type { DatasetSpec } from '#contracts';
import type { DatasetFormat } from '../dataset.js';
import { CIFAR10, CIFAR100 } from './cifar-layout.js';
import { scanCifar } from './scan-cifar.js';

/** The binary version of CIFAR-10. */
export const cifar10: DatasetFormat<Extract<DatasetSpec, { kind: 'cifar10' }>> = {
  layout: 'data_batch_1.bin to data_batch_5.bin, test_batch.bin, batches.meta.txt',
  digestCoversBytes: true,
  landmarks: ['data_batch_1.bin'],
  // The Python and MATLAB versions as well: what to do about them is said by the scan.
  recognises: (entries) =>
    entries.some((name) => /^((data_batch_\d|test_batch)(\.bin|\.mat)?|batches\.meta(\.txt|\.mat)?)$/.test(name)),
  scan: (spec, context) => scanCifar(spec, CIFAR10, context),
};

/** The binary version of CIFAR-100. */
export const cifar100: DatasetFormat<Extract<DatasetSpec, { kind: 'cifar100' }>> = {
  layout: 'train.bin, test.bin, fine_label_names.txt, coarse_label_names.txt',
  digestCoversBytes: true,
  landmarks: ['train.bin'],
  recognises: (entries) => entries.some((name) => /^(train\.bin|test\.bin|(fine|coarse)_label_names\.txt)$/.test(name)),
  scan: (spec, context) => scanCifar(spec, CIFAR100[spec.labels], context),
};
