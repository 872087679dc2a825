/**
 * Shows samples in a process of its own: images of any size are decoded, and a disk or a store that does not answer keeps neither
 * the coordinator's event loop nor its disk threads from their work.
 */
import { RefusedInputError, RunFaultError } from '#contracts';
import { makeDecoder, samplePicture } from '#data-loading';
import { openKeptDataset, orientationOf, type IndexedReader } from '#dataset';
import { serveParent } from '#threads';
import { listSamples } from './list-samples.js';
import type { KeptSplit, SampleAnswers, SampleRequest } from './sample-messages.js';

type Opened = NonNullable<Awaited<ReturnType<typeof openKeptDataset>>>;

/** An index of ImageNet takes 67 MB. */
const MOST_OPEN = 2;
/** By place and digest, the one that was used last is the last. */
const open = new Map<string, Opened>();
const decoder = await makeDecoder('portable');

async function readerOf({ spec, digest, keptFolder, stores, split }: KeptSplit): Promise<IndexedReader | null> {
  const key = JSON.stringify([spec, digest]);
  const opened = open.get(key) ?? (await openKeptDataset(keptFolder, spec, { digest, stores }));
  if (opened === null) return null;
  open.delete(key);
  open.set(key, opened);
  for (const [oldest, { train, validation }] of [...open].slice(0, -MOST_OPEN)) {
    open.delete(oldest);
    await Promise.all([train.close(), validation.close()]);
  }
  return split === 'train' ? opened.train : opened.validation;
}

async function answer(request: SampleRequest): Promise<SampleAnswers[SampleRequest['kind']]> {
  const reader = await readerOf(request.of);
  if (reader === null) return null;
  if (request.kind === 'list') return listSamples(reader, request.choice);
  const { sample, view, side } = request;
  if (sample >= reader.length)
    throw new RefusedInputError(`there are ${reader.length} samples, and no sample ${sample}`);
  try {
    return await samplePicture(sample, { reader, decoder, orientation: orientationOf(request.of.spec), view, side });
  } catch (error) {
    if (!(error instanceof RunFaultError)) throw error;
    throw new RefusedInputError(error.message, [], { cause: error });
  }
}

serveParent({ answer });
