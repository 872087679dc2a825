import { createHash } from 'node:crypto';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { augmentationSchema, RecoverableError, type DatasetSamples } from '#contracts';
import type { SampleView } from '#data-loading';
import { StoreAccessError } from '#stores';
import { skiplaneVersion } from '#telemetry';
import { ProcessEndedError, RequestProcess } from '#threads';
import { z } from 'zod';
import type { CoordinatorConfig } from '../config/coordinator.config.js';
import { CONFIG } from '../config/settings.js';
import { problem, ProblemException } from '../http/problem.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import { DatasetScans } from './dataset-scans.js';
import { DatasetsService } from './datasets.service.js';
import type { KeptSplit, SampleAnswers, SampleRequest } from './sample-messages.js';

/** Token of the compiled entry of the process that shows samples. */
export const SAMPLE_PROCESS_URL = Symbol('sampleProcessUrl');

/** A shard of some hundred megabytes may have to be fetched first. */
const ANSWER_MS = 60_000;
const IDLE_MS = 300_000;
/** A page shows some dozen at once. */
const MOST_WAITING = 400;
/** Data sets of images as small as a network's input are shown as large as they are. */
const SMALL_SIDE = 64;
const USUAL_SIDE = 224;
const SMALLEST_SIDE = 16;
const ETAG_DIGITS = 32;

const count = z.coerce.number().int().min(0);
const seed = count.max(0xffff_ffff);
const splitSchema = z.enum(['train', 'val']);
/** Of the version that is meant; default: the newest one. */
const digest = z.string().optional();

/** Query of GET /v1/datasets/:name/samples. */
export const samplesQuerySchema = z.strictObject({
  digest,
  split: splitSchema.default('train'),
  /** Number of a class; default: all. */
  class: count.optional(),
  /** Mixes them. */
  seed: seed.optional(),
  offset: count.default(0),
  count: count.min(1).max(200).default(24),
});

/** Which sample: the end of the path of GET /v1/datasets/:name/samples/:split/:sample/image. */
export const sampleSchema = z.strictObject({ split: splitSchema, sample: count });

/** Query of GET /v1/datasets/:name/samples/:split/:sample/image. */
export const pictureQuerySchema = z.strictObject({
  digest,
  view: z.enum(['stored', 'augmented']).default('stored'),
  seed: seed.default(0),
  /** Default: that of the data set, else by side as a network has it. */
  augmentation: augmentationSchema.optional(),
  /** Pixels. Default: 224, or the size of the images where they are smaller than 65. */
  side: count.min(SMALLEST_SIDE).max(1024).optional(),
});

/** A picture that is not drawn yet. */
export interface Picture {
  /** Of its bytes: the same for what shows the same. */
  readonly etag: string;
  /** WebP. */
  readonly draw: () => Promise<Uint8Array<ArrayBuffer>>;
}

/** Shows samples of named data sets, as they are and as training sees them. Throws problems. */
@Injectable()
export class SampleViews implements OnModuleDestroy {
  readonly #datasets: DatasetsService;
  readonly #keptFolder: string;
  readonly #config: CoordinatorConfig;
  readonly #process: RequestProcess<SampleRequest, SampleAnswers>;

  constructor(
    datasets: DatasetsService,
    { keptFolder }: DatasetScans,
    @Inject(CONFIG) config: CoordinatorConfig,
    @Inject(SAMPLE_PROCESS_URL) url: URL,
  ) {
    this.#datasets = datasets;
    this.#keptFolder = keptFolder;
    this.#config = config;
    this.#process = new RequestProcess({
      url,
      name: 'sample',
      answerWithinMs: ANSWER_MS,
      idleMs: IDLE_MS,
      errors: [StoreAccessError],
    });
  }

  onModuleDestroy(): Promise<void> {
    return this.#process.close();
  }

  async list(
    name: string,
    { digest: of, split, class: label, seed: mixedBy, ...page }: z.infer<typeof samplesQuerySchema>,
  ): Promise<DatasetSamples> {
    const record = this.#datasets.find(name);
    const choice = { label, seed: mixedBy, ...page };
    return await this.#ask(name, { kind: 'list', of: this.#splitOf(record, split, of), choice });
  }

  picture(
    name: string,
    { split, sample }: z.infer<typeof sampleSchema>,
    { digest: wantedDigest, view, seed: drawnBy, augmentation, side: wanted }: z.infer<typeof pictureQuerySchema>,
  ): Picture {
    const record = this.#datasets.find(name);
    const side = wanted ?? usualSide(record);
    const usual = record.dataset.augmentation;
    const seen: SampleView =
      view === 'stored' ? { kind: view } : { kind: view, augmentation: augmentation ?? usual, seed: drawnBy };
    const of = this.#splitOf(record, split, wantedDigest);
    const shown = [skiplaneVersion(), of.digest, split, sample, seen, side];
    const etag = createHash('sha256').update(JSON.stringify(shown)).digest('hex').slice(0, ETAG_DIGITS);
    return { etag, draw: () => this.#ask(name, { kind: 'picture', of, sample, view: seen, side }) };
  }

  #splitOf({ name, versions }: DatasetRecord, split: 'train' | 'val', wanted: string | undefined): KeptSplit {
    const version = wanted === undefined ? versions[0] : versions.find((one) => one.digest === wanted);
    if (version === undefined) {
      const isSurveyed = versions.length > 0;
      throw new ProblemException(
        isSurveyed
          ? problem(404, `no version of ${name} has the digest ${wanted}`)
          : problem(409, `${name} has no samples to show: no survey of it has ended well`),
      );
    }
    const { dataset: spec, digest: of } = version;
    return { spec, digest: of, keptFolder: this.#keptFolder, stores: this.#config.stores, split };
  }

  async #ask<R extends SampleRequest>(name: string, request: R): Promise<NonNullable<SampleAnswers[R['kind']]>> {
    if (this.#process.load >= MOST_WAITING)
      throw new ProblemException(problem(429, 'too many samples are being shown: try again in some seconds'));
    try {
      const { value } = await this.#process.request(request);
      if (value !== null) return value;
    } catch (error) {
      const isElsewhere = error instanceof RecoverableError || error instanceof StoreAccessError;
      if (!isElsewhere && !(error instanceof ProcessEndedError)) throw error;
      throw new ProblemException(problem(503, `the sample cannot be shown now: ${error.message}`));
    }
    const detail = `the survey of ${name} is not kept any more: POST /v1/datasets/${name}/survey makes it anew`;
    throw new ProblemException(problem(409, detail));
  }
}

function usualSide({ content }: DatasetRecord): number {
  const longest = Math.max(content?.width?.max ?? USUAL_SIDE, content?.height?.max ?? USUAL_SIDE);
  return longest <= SMALL_SIDE ? Math.max(SMALLEST_SIDE, longest) : USUAL_SIDE;
}
