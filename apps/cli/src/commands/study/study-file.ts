import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCombinations, RefusedInputError, studySpecSchema, type StudySpec } from '#contracts';
import { packageRoot } from '../../local-stack/package-root.js';
import { readJson } from '../../flags/spec-file.js';

/** Where a study's file came from. */
export interface StudySource {
  readonly spec: StudySpec;
  /** It came with Skiplane, and trains on the shapes data set. */
  readonly isShipped: boolean;
}

/** Reads a study from a JSON file, `-` for stdin, or by the name of one that comes with Skiplane. */
export async function readStudy(
  file: string,
  datasetPath: string | undefined,
  readStdin: () => Promise<string>,
): Promise<StudySource> {
  const shipped = await shippedStudies();
  const isShipped = shipped.includes(file);
  const content = await readJson(isShipped ? shippedPath(file) : file, readStdin).catch((error: unknown) => {
    if (!(error instanceof RefusedInputError) || !/^[\w-]+$/.test(file) || file === '-') throw error;
    throw new RefusedInputError(`${error.message}; studies that come with Skiplane: ${shipped.join(', ')}`, [], {
      cause: error,
    });
  });
  return { spec: checked(withDataset(content, datasetPath), file), isShipped };
}

/** Another place of the data set; the rest of what the study says of it stays. */
function withDataset(content: unknown, path: string | undefined): unknown {
  if (path === undefined || !isObject(content) || !isObject(content['base'])) return content;
  const { base } = content;
  return { ...content, base: { ...base, dataset: { ...(isObject(base['dataset']) ? base['dataset'] : {}), path } } };
}

/** Every fault at once: those of the grid, else those of its combinations. */
function checked(content: unknown, name: string): StudySpec {
  const parsed = studySpecSchema.safeParse(content);
  const faults = parsed.success
    ? checkCombinations(parsed.data).faults
    : parsed.error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), message: issue.message }));
  if (!parsed.success || faults.length > 0) {
    throw new RefusedInputError(
      `${name} is not a study that can be trained: ${faults.length} fault${faults.length === 1 ? '' : 's'}`,
      faults,
    );
  }
  return parsed.data;
}

async function shippedStudies(): Promise<string[]> {
  const names = await readdir(join(packageRoot(), 'apps', 'cli', 'studies'));
  return names.filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -'.json'.length));
}

function shippedPath(name: string): string {
  return join(packageRoot(), 'apps', 'cli', 'studies', `${name}.json`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
