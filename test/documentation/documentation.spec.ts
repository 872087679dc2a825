import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..', '..');

/** The most files that a change may touch, by the beginning of its row. */
const LIMITS: Readonly<Record<string, number>> = {
  'a data format': 3,
  'an optimiser': 2,
  'an augmentation: a crop': 2,
  'an augmentation: pixels': 2,
  'a layer': 3,
  'an export': 3,
  'a REST route': 3,
  'a dashboard page': 3,
  'a device kind': 4,
};

const documents = [
  ...readdirSync(ROOT),
  ...['.docs', '.docker', 'apps', 'libs', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path)),
  ),
].filter((path) => path.endsWith('.md'));
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
/** Cells of the table's rows under a heading. */
const rowsUnder = (heading: string): readonly (readonly string[])[] => {
  const section = textOf('CONTRIBUTING.md').split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const [, ...lines] = section.split('\n').filter((line) => /^\|.*\w/.test(line));
  return lines.map((line) => line.split('|').map((cell) => cell.trim()));
};
const pathsIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);
/** Of a file that is new, the first folder that is there already. */
const isThere = (path: string): boolean => existsSync(join(ROOT, path.replace(/[^/]*NAME.*$/, '')));

describe('documents', () => {
  it.each(documents)('%s links to what is there', (file) => {
    const links = [...textOf(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)].map(
      ([, link = '']) => link,
    );
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
  });
});

describe('CONTRIBUTING.md', () => {
  it('names files that are there, hop by hop', () => {
    const paths = rowsUnder('One training step, hop by hop').flatMap(([, , , files = '']) => pathsIn(files));
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it('names files that are there for each change', () => {
    const paths = rowsUnder('Where do I change …?').flatMap(([, , files = '']) => pathsIn(files));
    expect(paths.filter((path) => !isThere(path))).toEqual([]);
  });

  it.each(Object.entries(LIMITS))('%s touches %i files at most', (change, limit) => {
    const [, , files = ''] = rowsUnder('Where do I change …?').find(([, name]) => name === change) ?? [];
    const { length } = pathsIn(files);
    expect(length).toBeGreaterThan(0);
    expect(length).toBeLessThanOrEqual(limit);
  });
});
