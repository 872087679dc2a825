import { createHash } from 'node:crypto';
import type { DatasetSpec } from '#contracts';
import { sourceOf } from '../dataset-formats.js';

/** What survey keys look like. */
export const SURVEY_KEY = /^[0-9a-f]{32}$/;

/** Names what a survey on this host is a function of; what a run does with the data set, and what it is called, is not of it. */
export function surveyKey(spec: DatasetSpec): string {
  return hashOf({ ...lookedAt(spec), location: sourceOf(spec.path).location });
}

/**
 * Names the index of a data set on all hosts. Copies of one data set on disk and in stores have one digest and an index each,
 * because what files are known again by is the store's own.
 */
export function indexKey(spec: DatasetSpec, digest: string): string {
  return `${digest.slice(0, 16)}-${hashOf({ ...lookedAt(spec), path: spec.path, digest })}`;
}

function lookedAt(spec: DatasetSpec): object {
  const ofRuns = { augmentation: undefined, unreadable: undefined, shuffle: undefined, balance: undefined };
  return { ...spec, path: undefined, name: undefined, ...ofRuns };
}

function hashOf(what: object): string {
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}
