import type { Fault, ScanContext } from '../dataset.js';
import { readText } from '../scan/read-text.js';
import type { CifarLayout } from './cifar-layout.js';

/** Reads the class names; where that fails, numbers stand for them beside the faults. */
export async function readClassNames(
  { namesFile, labelBytes, labelAt }: CifarLayout,
  { store, signal }: ScanContext,
): Promise<{ readonly classes: readonly string[]; readonly faults: readonly Fault[] }> {
  const numClasses = labelBytes[labelAt]?.numClasses ?? 0;
  const numbers = Array.from({ length: numClasses }, (_, label) => String(label));
  const faulty = (message: string): { classes: string[]; faults: Fault[] } => ({
    classes: numbers,
    faults: [{ path: namesFile, message }],
  });
  let text: string | null;
  try {
    text = await readText(store, namesFile, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    return faulty(`expected a file with ${numClasses} class names, one a line; it cannot be read: ${reason}`);
  }
  if (text === null) return faulty(`expected a file with ${numClasses} class names, one a line; there is none`);
  const classes = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (classes.length !== numClasses) {
    return faulty(`expected ${numClasses} class names, one a line; there are ${classes.length}`);
  }
  const repeated = classes.find((name, at) => classes.indexOf(name) !== at);
  return repeated === undefined ? { classes, faults: [] } : faulty(`the class name ${repeated} is there twice`);
}
