import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { distinctNames, parseNameList } from '../labels/class-names.js';

/** ImageNet's and Kaggle's name for the same list: `n01440764 tench, Tinca tinca`, one class a line. */
export const NAME_FILES = ['synset_words.txt', 'LOC_synset_mapping.txt'] as const;

/** What a person calls each class, from the first of the files that lies beside train/. */
export async function readSynsetNames(root: string, classes: readonly string[]): Promise<readonly string[]> {
  for (const file of NAME_FILES) {
    const text = await readFile(join(root, file), 'utf8').catch(() => null);
    if (text !== null) return distinctNames(classes, parseNameList(text));
  }
  return classes;
}
