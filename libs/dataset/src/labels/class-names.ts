/** What people call classes, by class, of a list such as `n01440764 tench, Tinca tinca`, one a line. */
export function parseNameList(text: string): ReadonlyMap<string, string> {
  return new Map([...text.matchAll(/^(\S+)[ \t]+(\S.*?)\s*$/gm)].map(([, synset = '', words = '']) => [synset, words]));
}

/**
 * What a person calls each class. A class that is not in the list is called by its own name: nothing is trained on these words.
 * Where two classes have the same words (ImageNet has a crane that flies and one that lifts), their own names follow them.
 */
export function distinctNames(
  classes: readonly string[],
  names: ReadonlyMap<string, string> = new Map(),
): readonly string[] {
  const words = classes.map((name) => names.get(name) ?? name);
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return words.map((word, label) => ((counts.get(word) ?? 0) > 1 ? `${word} (${classes[label] ?? ''})` : word));
}
