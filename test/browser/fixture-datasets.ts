import type { ServerResponse } from 'node:http';
import {
  datasetListSchema,
  datasetSamplesSchema,
  datasetViewSchema,
  newDatasetSchema,
  type DatasetContent,
  type DatasetSpec,
  type DatasetSurveyView,
  type DatasetView,
} from '#contracts';
import { json, problem } from './fixture-answers.js';
import { sampleSvg } from './fixture-samples.js';

const SHAPES = ['circle', 'cross', 'diamond', 'heart', 'hexagon', 'moon', 'ring', 'square', 'star', 'triangle'];
const IMAGES = { unreadable: 'refuse', orientation: 'upright' } as const;

/** Named data sets, and what is asked of them. */
export class FixtureDatasets {
  readonly byName = new Map<string, DatasetView>();
  /** Samples whose image is refused. */
  readonly unreadable = new Set<number>();

  add(dataset: DatasetView): DatasetView {
    this.byName.set(dataset.name, dataset);
    return dataset;
  }

  /** Changes how the survey of a data set stands. */
  survey(name: string, change: Partial<DatasetSurveyView>): void {
    const dataset = this.byName.get(name);
    if (dataset !== undefined) this.add({ ...dataset, survey: { ...dataset.survey, ...change } });
  }

  answer(method: string, url: URL, body: string, response: ServerResponse): void {
    const [, , , name = '', part, split, sample] = url.pathname.split('/').map(decodeURIComponent);
    if (name === '') return method === 'GET' ? this.#list(response) : this.#create(body, response);
    const dataset = this.byName.get(name);
    if (dataset === undefined)
      return problem(response, { type: 'about:blank', title: 'No such data set', status: 404 });
    if (part === 'samples' && sample !== undefined) return this.#image(dataset, Number(sample), url, response);
    if (part === 'samples') return json(response, 200, samplesOf(dataset, url.searchParams));
    if (method === 'DELETE') this.byName.delete(name);
    if (method === 'PUT')
      this.add({ ...dataset, dataset: { ...dataset.dataset, ...(JSON.parse(body) as DatasetSpec) } });
    if (part === 'survey') this.survey(name, split === 'cancel' ? CANCELLED : UNDER_WAY);
    json(response, 200, datasetViewSchema.parse(this.byName.get(name) ?? dataset));
  }

  #list(response: ServerResponse): void {
    const datasets = [...this.byName.values()]
      .sort((left, right) => left.name.localeCompare(right.name))
      .map(({ dataset: _dataset, versions: _versions, content: _content, runs: _runs, ...summary }) => summary);
    json(response, 200, datasetListSchema.parse({ datasets, unreadable: [] }));
  }

  #create(body: string, response: ServerResponse): void {
    const parsed = newDatasetSchema.safeParse(JSON.parse(body));
    if (!parsed.success) {
      const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
      return problem(response, { type: 'about:blank', title: 'The data set was refused', status: 400, errors });
    }
    const { name, ...dataset } = parsed.data;
    this.add({ ...fixtureDataset(name, dataset, SHAPES), newest: null, versions: [], content: null });
    this.survey(name, UNDER_WAY);
    json(response, 201, datasetViewSchema.parse(this.byName.get(name)));
  }

  #image({ content }: DatasetView, sample: number, { searchParams }: URL, response: ServerResponse): void {
    if (this.unreadable.has(sample)) {
      const detail = `train/${sample}.jpg: the file ends in the middle of the picture`;
      return problem(response, { type: 'about:blank', title: 'Unprocessable Entity', status: 422, detail });
    }
    const numClasses = content?.classes.length ?? 1;
    const draw = searchParams.get('view') === 'augmented' ? Number(searchParams.get('seed')) : null;
    const picture = sampleSvg({ sample, label: sample % numClasses, draw });
    response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(picture);
  }
}

const UNDER_WAY = { state: 'running', message: 'looking at the data set', finishedAt: null } as const;
const CANCELLED = { state: 'cancelled', message: 'cancelled by request', finishedAt: 2 } as const;

/** A data set whose survey has ended well, with two versions; sample i is of class i modulo their number. */
export function fixtureDataset(name: string, dataset: DatasetSpec, classes: readonly string[]): DatasetView {
  const content = contentOf(classes);
  const version = (number: number, numTrainSamples: number): DatasetView['versions'][number] => ({
    version: number,
    digest: String(number).repeat(64),
    dataset,
    surveyedAt: Date.now() - (3 - number) * 86_400_000,
    numTrainSamples,
    numValidationSamples: 50 * classes.length,
    numClasses: classes.length,
    numSkipped: 0,
  });
  const numTrain = content.classes.reduce((sum, { numTrain: own }) => sum + own, 0);
  const versions = [version(2, numTrain), version(1, numTrain - 12)];
  const { dataset: _, ...newest } = version(2, numTrain);
  return {
    name,
    kind: dataset.kind,
    path: dataset.path,
    createdAt: Date.now() - 3 * 86_400_000,
    survey: {
      state: 'ready',
      message: '',
      numSamples: numTrain,
      numExpected: numTrain,
      startedAt: 1,
      finishedAt: 2,
      problem: null,
    },
    newest,
    numVersions: 2,
    numRuns: 1,
    dataset,
    versions,
    content,
    runs: [{ id: 'r-running', name: 'resnet20-shapes', state: 'running', createdAt: Date.now() - 120_000, version: 2 }],
  };
}

/** Three data sets: one of ten classes, one of a thousand, and one that is looked at. */
export function setDatasets(datasets: FixtureDatasets): void {
  const thousand = Array.from({ length: 1_000 }, (_, index) => `n${String(1_440_764 + 37 * index).padStart(8, '0')}`);
  datasets.add(fixtureDataset('shapes', { kind: 'image-folder', path: '/data/shapes', ...IMAGES }, SHAPES));
  const bucket = { kind: 'webdataset', path: 's3://datasets/imagenet', labelField: 'label', ...IMAGES } as const;
  datasets.add(fixtureDataset('imagenet', { ...bucket, shuffle: 'blocks' }, thousand));
  const flowers = fixtureDataset(
    'flowers',
    { kind: 'parquet', path: 's3://datasets/flowers', labelField: 'label', ...IMAGES },
    SHAPES,
  );
  datasets.add({ ...flowers, newest: null, versions: [], numVersions: 0, numRuns: 0, content: null, runs: [] });
  datasets.survey('flowers', { ...UNDER_WAY, numSamples: 412_000, numExpected: null });
}

function contentOf(classes: readonly string[]): DatasetContent {
  const isFolders = classes === SHAPES;
  return {
    classes: classes.map((name, index) => ({
      name,
      readableName: isFolders ? name : `synset ${index}`,
      numTrain: isFolders ? 200 : 732 + ((index * 7_919) % 569),
      numValidation: 50,
    })),
    formats: { jpeg: 1_990, png: 8, 'jpeg cmyk': 2 },
    width: { min: 40, median: isFolders ? 40 : 500, max: 640 },
    height: { min: 40, median: isFolders ? 40 : 375, max: 640 },
    sizeBytes: { min: 900, median: 1_830, max: 12_000 },
    numTurned: 3,
    numWithProfile: 1,
    others: [
      { extension: '.txt', kind: 'text', count: 3 },
      { extension: '', kind: 'hidden', count: 1 },
    ],
    broken: [{ path: 'train/star/17.jpg', message: 'the file ends in the middle of the picture' }],
    numBroken: 1,
  };
}

function samplesOf({ newest, content }: DatasetView, search: URLSearchParams): unknown {
  const numClasses = content?.classes.length ?? 1;
  const label = search.get('class');
  const split = search.get('split') === 'val' ? 'val' : 'train';
  const all = (split === 'val' ? newest?.numValidationSamples : newest?.numTrainSamples) ?? 0;
  const numbers = Array.from({ length: all }, (_, sample) => sample).filter(
    (sample) => label === null || sample % numClasses === Number(label),
  );
  const offset = Number(search.get('offset'));
  const samples = numbers.slice(offset, offset + Number(search.get('count'))).map((sample) => ({
    sample,
    description: `${split}/${content?.classes[sample % numClasses]?.name}/${sample}.jpg`,
    label: sample % numClasses,
    width: 40,
    height: 40,
    sizeBytes: 1_800 + sample,
  }));
  return datasetSamplesSchema.parse({ total: numbers.length, samples });
}
