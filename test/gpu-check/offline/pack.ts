import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { packageRoot } from '../../../apps/cli/src/local-stack/package-root.js';
import { components, type ComponentChoice } from './components.js';
import { writeParts, writeSums } from './write-parts.js';

export interface PackOptions extends ComponentChoice {
  readonly folder: string;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Makes the parts that a machine without a network needs for `gpu-check`, and the script that puts them in place there. */
export async function pack({ folder, note, signal, ...choice }: PackOptions): Promise<void> {
  const root = packageRoot();
  const target = resolve(folder);
  const workFolder = join(target, 'work');
  await mkdir(workFolder, { recursive: true });
  const names: string[] = [];
  for (const component of await components(choice, { root, workFolder, note, signal })) {
    note(`packing ${component.name}`);
    names.push(...(await writeParts(component, target, { signal })));
  }
  await copyFile(join(root, 'test', 'gpu-check', 'offline', 'unpack.sh'), join(target, 'unpack.sh'));
  const sizes = await writeSums(target, [...names, 'unpack.sh']);
  for (const [name, size] of sizes) note(`${String(size).padStart(10)} ${name}`);
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  note(
    `${Math.round(total / 2 ** 20)} MiB in ${sizes.size} files. Carry them and SHA256SUMS there; then: sh unpack.sh`,
  );
}
