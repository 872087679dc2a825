import type { DatasetKind } from '#contracts';
import type { Unpack } from '#stores';
import { unpackGroup } from './parquet/unpack-group.js';

/** Kinds whose files are read unpacked, part by part. */
export const UNPACKERS: Partial<Record<DatasetKind, Unpack>> = { parquet: unpackGroup };
