import { Inject, Injectable } from '@nestjs/common';
import {
  datasetReferenceOf,
  datasetSchema,
  parseDatasetReference,
  RefusedInputError,
  type DatasetSpec,
  type RunSpec,
  type SubmittedDataset,
  type SubmittedRun,
} from '#contracts';
import { surveyKey, unreadablePolicy } from '#dataset';
import { CLOCK } from '../config/settings.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import { DatasetRegistry } from './dataset-registry.js';
import { withFound } from './found-version.js';
import type { InspectedDataset } from './scan-messages.js';

type Fault = { readonly path: string; readonly message: string };

const SHOWN_DIGITS = 12;
const MOST_NAMED = 10;

/** What the names in specs stand for. */
@Injectable()
export class DatasetNames {
  readonly #registry: DatasetRegistry;
  readonly #clock: () => number;

  constructor(registry: DatasetRegistry, @Inject(CLOCK) clock: () => number) {
    this.#registry = registry;
    this.#clock = clock;
  }

  /** Whether a reference stands for something. */
  knows(reference: string): boolean {
    const { name, version } = parseDatasetReference(reference);
    const record = this.#registry.get(name);
    return record !== undefined && (version === null || record.versions.some((one) => one.version === version));
  }

  /** The spec with the place that its data set's name stands for. Throws RefusedInputError, UnreadableRecordError. */
  resolved(spec: SubmittedRun): RunSpec {
    return { ...spec, dataset: this.#placeOf(spec.dataset) };
  }

  /**
   * The spec with the version that was found where the name led, once that was looked at, or what is wrong with it. Other
   * samples than before become a new version.
   */
  async confirmed(
    spec: RunSpec,
    found: InspectedDataset,
  ): Promise<{ readonly spec: RunSpec; readonly faults: Fault[] }> {
    const { dataset } = spec;
    if (dataset.name === undefined) return { spec, faults: [] };
    const { name, version } = parseDatasetReference(dataset.name);
    const at = this.#clock();
    const record = await this.#registry.change(name, (before) => {
      // What lies where the name once led is none of its versions.
      if (surveyKey(before.dataset) !== surveyKey(dataset)) return before;
      return withLook(before, dataset, withFound(before, { dataset: before.dataset, found, at }));
    });
    if (record === undefined) return { spec, faults: [fault(`${name} was removed meanwhile`)] };
    const is = record.versions.find(({ digest }) => digest === found.digest);
    const wanted = version === null ? is : record.versions.find((one) => one.version === version);
    if (is !== undefined && is === wanted) {
      const reference = datasetReferenceOf({ name, version: is.version });
      return { spec: { ...spec, dataset: { ...dataset, name: reference } }, faults: [] };
    }
    const expected = wanted === undefined ? 'none is expected' : `its digest is ${short(wanted.digest)}`;
    const there = is === undefined ? short(found.digest) : `${short(found.digest)}, which is ${name}@${is.version}`;
    return {
      spec,
      faults: [fault(`${dataset.name} does not lie in ${dataset.path} any more: ${expected}, found is ${there}`)],
    };
  }

  #placeOf(dataset: SubmittedDataset): DatasetSpec {
    if (dataset.kind !== 'named' && dataset.name === undefined) return dataset;
    const { name, version } = parseDatasetReference(dataset.name ?? '');
    const record = this.#registry.get(name);
    if (record === undefined) throw refusal(`there is no data set ${name}${this.#hint()}`);
    const { versions } = record;
    const kept = version === null ? record.dataset : versions.find((one) => one.version === version)?.dataset;
    if (kept === undefined) {
      const known = versions.map((one) => one.version).toSorted((a, b) => a - b);
      throw refusal(
        `${name} has no version ${version}; ${known.length === 0 ? 'it is not surveyed yet' : `it has ${known.join(', ')}`}`,
      );
    }
    if (dataset.kind !== 'named') {
      if (surveyKey(kept) === surveyKey(dataset)) return dataset;
      throw refusal(
        `${dataset.name} lies in ${kept.path} (${kept.kind}), not where the run says: leave out the name or the place`,
      );
    }
    const { kind: _, ...own } = dataset;
    const said = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    const parsed = datasetSchema.safeParse({ ...kept, ...said });
    if (parsed.success) return parsed.data;
    const faults = parsed.error.issues.map(({ path, message }) => ({ path: ['dataset', ...path].join('.'), message }));
    throw new RefusedInputError(`${name} is a data set of kind ${kept.kind}`, faults);
  }

  #hint(): string {
    const names = this.#registry.list().map(({ name }) => name);
    if (names.length === 0) return '; none has a name yet: skiplane data add NAME PATH';
    return `; there are ${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`;
  }
}

/**
 * A record once a run's data set was looked at. `after`: had it been surveyed. A run that leaves out what the name does not says
 * nothing of the survey, and one that is under way tells for itself.
 */
function withLook(before: DatasetRecord, dataset: DatasetSpec, after: DatasetRecord): DatasetRecord {
  const isAsNamed = unreadablePolicy(dataset) === unreadablePolicy(before.dataset);
  const { state } = before.survey;
  const tellsHow = isAsNamed && state !== 'under-way';
  const isNews = before.versions[0]?.digest !== after.versions[0]?.digest || (tellsHow && state !== 'ready');
  return isNews ? { ...after, survey: tellsHow ? after.survey : before.survey } : before;
}

function fault(message: string): Fault {
  return { path: 'dataset.name', message };
}

function refusal(message: string): RefusedInputError {
  return new RefusedInputError(message, [fault(message)]);
}

const short = (digest: string): string => digest.slice(0, SHOWN_DIGITS);
