import type { DatasetList, DatasetSamples, DatasetView, SurveyState } from '#contracts';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { heldOf } from './held-answer.js';
import { request } from './http.js';

const WHILE_SURVEYED_MS = 1_000;
const REFRESH_MS = 10_000;
/** Of all that is asked about data sets. */
export const DATASETS_KEY: readonly unknown[] = ['datasets'];
const LIST_KEY = [...DATASETS_KEY, 'list'];
/** A body is checked and recorded; the survey goes on behind it. */
const JSON_BODY = { 'content-type': 'application/json' };

/** Whether a survey is still to end. */
export const isSurveyed = (state: SurveyState): boolean => state === 'waiting' || state === 'running';

/** All named data sets, by name. */
export function datasetListQuery() {
  return queryOptions({
    queryKey: LIST_KEY,
    queryFn: async ({ signal }) => (await request('v1/datasets', { signal })) as DatasetList,
    refetchInterval: ({ state: { data } }) =>
      data?.datasets.some(({ survey }) => isSurveyed(survey.state)) === true ? WHILE_SURVEYED_MS : REFRESH_MS,
  });
}

export function datasetQuery(name: string) {
  return queryOptions({
    queryKey: datasetKey(name),
    queryFn: async ({ signal }) => (await request(datasetPath(name), { signal })) as DatasetView,
    refetchInterval: ({ state: { data } }) =>
      data !== undefined && isSurveyed(data.survey.state) ? WHILE_SURVEYED_MS : REFRESH_MS,
  });
}

export interface SampleChoice {
  readonly split: 'train' | 'val';
  /** Number of a class; null: of all. */
  readonly label: number | null;
  /** Counted from 0. */
  readonly page: number;
}

/** How many samples a page shows. */
export const SAMPLES_A_PAGE = 24;

/** Samples of one version of a data set: another version has others. */
export function samplesQuery(name: string, digest: string, { split, label, page }: SampleChoice) {
  const offset = String(page * SAMPLES_A_PAGE);
  const search = new URLSearchParams({ split, offset, count: String(SAMPLES_A_PAGE), digest });
  // As they lie, a page would show one class alone.
  if (label === null) search.set('seed', '0');
  else search.set('class', String(label));
  // Of another split or version, the numbers of samples mean other images.
  const wallKey = [...datasetKey(name), 'samples', digest, split];
  return queryOptions({
    queryKey: [...wallKey, search.toString()],
    queryFn: async ({ signal }) =>
      (await request(`${datasetPath(name)}/samples?${search.toString()}`, { signal })) as DatasetSamples,
    staleTime: Infinity,
    placeholderData: heldOf(wallKey),
  });
}

export interface ImageChoice {
  /** Of the version. It changes the address, so a picture that is on a page is drawn anew for another version. */
  readonly digest: string;
  readonly split: 'train' | 'val';
  readonly sample: number;
  readonly view: 'stored' | 'augmented';
  /** Of the augmentation. */
  readonly seed: number;
  /** Pixels; default: 224, and less where the images are small. */
  readonly side?: number;
}

export function samplePath(name: string, { digest, split, sample, view, seed, side }: ImageChoice): string {
  const search = new URLSearchParams({ view });
  if (side !== undefined) search.set('side', String(side));
  if (view === 'augmented') search.set('seed', String(seed));
  search.set('digest', digest);
  return `${datasetPath(name)}/samples/${split}/${sample}/image?${search.toString()}`;
}

/** Surveys a data set anew, or ends its survey. */
export function useSurvey(name: string) {
  return useDatasetChange((act: 'survey' | 'survey/cancel') =>
    request(`${datasetPath(name)}/${act}`, { method: 'POST' }),
  );
}

/** Adds a data set, or puts a name to another place. The body is `{ name, kind, path, … }`. */
export function useSaveDataset(change: 'add' | 'change') {
  return useDatasetChange(({ name, ...dataset }: { readonly name: string }) =>
    change === 'add'
      ? request('v1/datasets', { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ name, ...dataset }) })
      : request(datasetPath(name), { method: 'PUT', headers: JSON_BODY, body: JSON.stringify(dataset) }),
  );
}

/** Takes a name away; the files and the runs stay. */
export function useRemoveDataset(name: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request(datasetPath(name), { method: 'DELETE' }),
    onSuccess: () => client.removeQueries({ queryKey: datasetKey(name) }),
    onSettled: () => client.invalidateQueries({ queryKey: LIST_KEY }),
  });
}

/** A change that is answered with the data set as it is then. */
function useDatasetChange<Variables>(change: (variables: Variables) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (variables: Variables) => (await change(variables)) as DatasetView,
    onSuccess: (dataset) => client.setQueryData(datasetKey(dataset.name), dataset),
    onSettled: () => client.invalidateQueries({ queryKey: LIST_KEY }),
  });
}

function datasetKey(name: string): readonly unknown[] {
  return [...DATASETS_KEY, 'one', name];
}

function datasetPath(name: string): string {
  return `v1/datasets/${encodeURIComponent(name)}`;
}
