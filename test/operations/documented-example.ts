import { readFile } from 'node:fs/promises';

/** From the compiled file. */
const ROOT = new URL('../../../', import.meta.url);

/**
 * The first block of a language in a file of the documentation, with what is this scenario's own put in its place: what the
 * documentation shows is what is played.
 * @throws Error where there is no such block or nothing of it is to be replaced.
 */
export async function documentedExample(
  file: string,
  language: string,
  replaced: Readonly<Record<string, string>>,
): Promise<string> {
  const text = await readFile(new URL(file, ROOT), 'utf8');
  let example = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text)?.[1];
  if (example === undefined) throw new Error(`${file} has no example in ${language}`);
  for (const [shown, own] of Object.entries(replaced)) {
    if (!example.includes(shown)) throw new Error(`the example of ${file} does not contain ${shown}`);
    example = example.replaceAll(shown, own);
  }
  return example;
}
