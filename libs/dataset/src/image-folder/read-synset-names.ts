import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** ImageNet's and Kaggle's name for the same list: `n01440764 tench, Tinca tinca`, one class a line. */
const NAME_FILES = ['synset_words.txt', 'LOC_synset_mapping.txt'] as const;

/**
 * What a person calls each class, from the first of the files that lies beside train/. A class that is not in it, and
 * every class where there is no file, is called by its folder's name: nothing is trained on these words.
 * Where two classes have the same words (ImageNet has a crane that flies and one that lifts), their folders follow them.
 */
export async function readSynsetNames(root: string, classes: readonly string[]): Promise<readonly string[]> {
  for (const file of NAME_FILES) {
    const text = await readFile(join(root, file), 'utf8').catch(() => null);
    if (text === null) continue;
    const names = new Map(
      [...text.matchAll(/^(\S+)[ \t]+(\S.*?)\s*$/gm)].map(([, synset = '', words = '']) => [synset, words]),
    );
    const words = classes.map((name) => names.get(name) ?? name);
    const isShared = (word: string): boolean => words.indexOf(word) !== words.lastIndexOf(word);
    return words.map((word, label) => (isShared(word) ? `${word} (${classes[label] ?? ''})` : word));
  }
  return classes;
}
