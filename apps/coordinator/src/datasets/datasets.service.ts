import { Injectable } from '@nestjs/common';
import { type DatasetList, type DatasetSpec, type DatasetView, type NewDataset } from '#contracts';
import { surveyKey } from '#dataset';
import { problem, ProblemException } from '../http/problem.js';
import { RunRegistry } from '../runs/run-registry.js';
import type { DatasetRecord } from '../storage/dataset-record.schema.js';
import { absoluteDataset } from './absolute-dataset.js';
import { DatasetRegistry } from './dataset-registry.js';
import { DatasetSurveys } from './dataset-surveys.js';
import { datasetSummary, datasetView, runsByDataset } from './dataset-view.js';

/** What the REST routes for named data sets do. Throws problems. */
@Injectable()
export class DatasetsService {
  readonly #registry: DatasetRegistry;
  readonly #surveys: DatasetSurveys;
  readonly #runs: RunRegistry;

  constructor(registry: DatasetRegistry, surveys: DatasetSurveys, runs: RunRegistry) {
    this.#registry = registry;
    this.#surveys = surveys;
    this.#runs = runs;
  }

  list(): DatasetList {
    const runs = runsByDataset(this.#runs.trainings());
    return {
      datasets: this.#registry
        .list()
        .map((record) =>
          datasetSummary(record, this.#surveys.progressOf(record.name), runs.get(record.name)?.length ?? 0),
        ),
      unreadable: this.#registry.unreadable.list(),
    };
  }

  show(name: string): DatasetView {
    return this.#view(this.find(name));
  }

  /** Names a place that is surveyed next. Repeated with the same it finds what is there. */
  async add({ name, ...given }: NewDataset): Promise<{ readonly view: DatasetView; readonly isNew: boolean }> {
    const dataset = absoluteDataset(given);
    const created = await this.#registry.create(name, dataset);
    if (created !== undefined) {
      await this.#surveys.begin(name);
      return { view: this.show(name), isNew: true };
    }
    const held = this.find(name);
    if (isSame(held.dataset, dataset)) return { view: this.#view(held), isNew: false };
    const detail = `${name} is the name of another data set (${held.dataset.kind} in ${held.dataset.path}): choose another name, or PUT this one`;
    throw new ProblemException(problem(409, detail));
  }

  /** Puts a name to another place, which is surveyed next. */
  async put(name: string, given: DatasetSpec): Promise<DatasetView> {
    const dataset = { ...absoluteDataset(given), name: undefined };
    if (!isSame(this.find(name).dataset, dataset)) {
      // A survey of the former place says nothing of this one.
      await this.#surveys.cancel(name);
      await this.#registry.change(name, (before) => ({ ...before, dataset }));
    }
    return this.survey(name);
  }

  async survey(name: string): Promise<DatasetView> {
    return this.#view((await this.#surveys.begin(name)) ?? this.find(name));
  }

  async cancel(name: string): Promise<DatasetView> {
    const { survey } = this.find(name);
    if (await this.#surveys.cancel(name)) return this.show(name);
    throw new ProblemException(problem(409, `no survey of ${name} is under way: the last one is ${survey.state}`));
  }

  /** Takes the name away; files and runs stay. */
  async remove(name: string): Promise<DatasetView> {
    const view = this.show(name);
    await this.#surveys.cancel(name);
    await this.#registry.remove(name);
    return view;
  }

  /** Throws a problem where there is none, or its record cannot be read. */
  find(name: string): DatasetRecord {
    const record = this.#registry.get(name);
    if (record === undefined) throw new ProblemException(problem(404, `there is no data set ${name}`));
    return record;
  }

  #view(record: DatasetRecord): DatasetView {
    const runs = runsByDataset(this.#runs.trainings()).get(record.name) ?? [];
    return datasetView(record, this.#surveys.progressOf(record.name), runs);
  }
}

/** What runs do that do not say otherwise counts as well. */
function isSame(one: DatasetSpec, other: DatasetSpec): boolean {
  const settings = ({ augmentation, shuffle, balance, ...spec }: DatasetSpec): string =>
    JSON.stringify([augmentation, shuffle, balance, 'unreadable' in spec ? spec.unreadable : undefined]);
  return surveyKey(one) === surveyKey(other) && settings(one) === settings(other);
}
