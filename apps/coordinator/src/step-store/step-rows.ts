import type { StepMetrics } from '#contracts';
import type { Block } from './block-file.js';

/** Steps of a block. */
export const FAN = 16;

const COLUMNS = [
  'round',
  'epoch',
  'loss',
  'accuracy',
  'samples',
  'leftOut',
  'learningRate',
  'gradientNorm',
  'at',
  'durationMs',
  'dataMs',
  'computeMs',
  'exchangeMs',
  'updateMs',
] as const;
export type Column = (typeof COLUMNS)[number];

const COLUMN_START = Object.fromEntries(COLUMNS.map((name, index) => [name, index * FAN])) as Record<Column, number>;
const DIGEST_BYTES = 16;
const CHAIN_BYTES = 32;
const DIGESTS_AT = COLUMNS.length * FAN * 8;
const CHAINS_AT = DIGESTS_AT + FAN * DIGEST_BYTES;
const FLAGS_AT = CHAINS_AT + FAN * CHAIN_BYTES;
/** 14 columns of 16 numbers, 16 digests, 16 chains, 16 flags: 161 bytes a step. */
export const ROW_BLOCK_BYTES = FLAGS_AT + FAN;

/** Where a step lies. */
export interface FoundRow {
  readonly step: number;
  readonly block: Block;
  readonly row: number;
}

const IS_THERE = 1;
/** Of 16 bytes, as steps of earlier versions have it. */
const HAS_DIGEST = 2;
/** Of 8 bytes. */
const HAS_SHORT_DIGEST = 4;
const SHORT_DIGEST_BYTES = 8;

const digestFlag = (digest: string | undefined): number =>
  digest === undefined ? 0 : digest.length === 2 * SHORT_DIGEST_BYTES ? HAS_SHORT_DIGEST : HAS_DIGEST;

export const isThere = ({ bytes }: Block, row: number): boolean => ((bytes[FLAGS_AT + row] ?? 0) & IS_THERE) !== 0;

export const numberAt = ({ numbers }: Block, row: number, name: Column): number =>
  numbers[COLUMN_START[name] + row] ?? 0;

export function setRow({ bytes, numbers }: Block, row: number, metrics: StepMetrics): void {
  const { timings, step: _step, digest, leftOut = 0, gradientNorm = Number.NaN, ...rest } = metrics;
  const values: Readonly<Record<Column, number>> = { ...rest, leftOut, gradientNorm, ...timings };
  for (const name of COLUMNS) numbers[COLUMN_START[name] + row] = values[name];
  bytes.fill(0, DIGESTS_AT + row * DIGEST_BYTES, DIGESTS_AT + (row + 1) * DIGEST_BYTES);
  if (digest !== undefined) bytes.write(digest, DIGESTS_AT + row * DIGEST_BYTES, 'hex');
  bytes[FLAGS_AT + row] = IS_THERE | digestFlag(digest);
}

export function clearRow({ bytes }: Block, row: number): void {
  bytes[FLAGS_AT + row] = 0;
}

export function digestAt({ bytes }: Block, row: number): string | undefined {
  const flags = bytes[FLAGS_AT + row] ?? 0;
  if ((flags & (HAS_DIGEST | HAS_SHORT_DIGEST)) === 0) return undefined;
  const from = DIGESTS_AT + row * DIGEST_BYTES;
  return bytes.toString('hex', from, from + ((flags & HAS_DIGEST) === 0 ? SHORT_DIGEST_BYTES : DIGEST_BYTES));
}

export function setChain({ bytes }: Block, row: number, chain: string): void {
  bytes.write(chain, CHAINS_AT + row * CHAIN_BYTES, 'hex');
}

/** Means something only where the series says that the step is chained. */
export function chainAt({ bytes }: Block, row: number): string {
  return bytes.toString('hex', CHAINS_AT + row * CHAIN_BYTES, CHAINS_AT + (row + 1) * CHAIN_BYTES);
}

export function rowMetrics(block: Block, row: number, step: number): StepMetrics {
  const at = (name: Column): number => numberAt(block, row, name);
  const digest = digestAt(block, row);
  const leftOut = at('leftOut');
  const gradientNorm = at('gradientNorm');
  return {
    step,
    round: at('round'),
    epoch: at('epoch'),
    loss: at('loss'),
    accuracy: at('accuracy'),
    samples: at('samples'),
    ...(leftOut > 0 && { leftOut }),
    learningRate: at('learningRate'),
    ...(!Number.isNaN(gradientNorm) && { gradientNorm }),
    at: at('at'),
    durationMs: at('durationMs'),
    timings: {
      dataMs: at('dataMs'),
      computeMs: at('computeMs'),
      exchangeMs: at('exchangeMs'),
      updateMs: at('updateMs'),
    },
    ...(digest === undefined ? {} : { digest }),
  };
}
