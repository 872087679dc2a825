import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { RefusedInputError } from '#contracts';
import {
  downloadWheel,
  extractFromWheel,
  findPython,
  publishFolder,
  runCommand,
  type ProvisionProgress,
  type Python,
} from '#provision';
import { provisionRedis } from '#queue';
import { NVIDIA_WHEELS, packTensorflow } from '#tensorflow-runtime';
import type { Component, PackContext } from './component.js';
import { productionModules } from './production-modules.js';

const FETCH_TIMEOUT_MS = 600_000;

/** CUDA 12's runtime comes along always; the other libraries are looked for beside PyTorch there. */
const CUDA_RUNTIME = 'nvidia-cuda-runtime-cu12';

export interface ComponentChoice {
  /** More of NVIDIA's wheels to carry, of those that TensorFlow is pinned to: `nvidia-cublas-cu12`. */
  readonly cuda: readonly string[];
}

/** What changes rarely comes first. */
export async function components(choice: ComponentChoice, context: PackContext): Promise<readonly Component[]> {
  const python = await findPython();
  if (typeof python === 'string') throw new RefusedInputError(`packing needs Python with pip: ${python}`);
  return [
    await node(context),
    await tensorflow(context),
    await cuda(choice.cuda, python, context),
    await valkey(context),
    await modules(context),
    checkout(context),
  ];
}

/** The running version, which the binding was built for, as the npm registry has it: it needs nothing but the C library. */
async function node({ workFolder, note, signal }: PackContext): Promise<Component> {
  const name = `node-${process.platform}-${process.arch}@${process.versions.node}`;
  const from = join(workFolder, name);
  if (!(await isThere(join(from, 'bin', 'node')))) {
    note(`fetching ${name}`);
    await mkdir(from, { recursive: true });
    const how = { cwd: from, timeoutMs: FETCH_TIMEOUT_MS, signal };
    const file = (await runCommand('npm', ['pack', '--silent', name], how)).trim().split('\n').at(-1) ?? '';
    await runCommand('tar', ['-xzf', file, '--strip-components=1', 'package/bin/node'], how);
    await rm(join(from, file));
  }
  return { name: 'node', key: name, from, paths: ['bin/node'], to: 'node', without: [] };
}

async function tensorflow({ workFolder, note, signal }: PackContext): Promise<Component> {
  const folder = join(workFolder, 'tensorflow');
  const progress = progressTo(note);
  const entry = await packTensorflow({ folder, downloadDirectory: workFolder, progress, signal });
  return { name: 'tensorflow', key: entry, from: folder, paths: [entry], to: 'cache/tensorflow', without: [] };
}

async function cuda(more: readonly string[], python: Python, context: PackContext): Promise<Component> {
  const { workFolder: directory, note, signal } = context;
  const wheels = NVIDIA_WHEELS.filter(({ project }) => project === CUDA_RUNTIME || more.includes(project));
  const key = wheels.map(({ fileName }) => fileName).join(' ');
  const from = join(directory, `cuda-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`);
  if (!(await isThere(from))) {
    const options = { python, directory, progress: progressTo(note), timeoutMs: FETCH_TIMEOUT_MS, signal };
    await publishFolder(from, async (folder) => {
      for (const wheel of wheels) {
        const file = await downloadWheel(wheel, options);
        await extractFromWheel(python, file, ['nvidia/'], folder);
        await rm(file);
      }
    });
  }
  return { name: 'cuda', key, from, paths: ['nvidia'], to: 'cuda', without: ['*/include/*', '*.a', '*.py'] };
}

async function valkey({ note, signal, workFolder }: PackContext): Promise<Component> {
  const progress = progressTo(note);
  const server = await provisionRedis({ fromPath: false, cacheDirectory: workFolder, progress, signal });
  const entry = dirname(server.command);
  const [from, name] = [dirname(entry), basename(entry)];
  return { name: 'valkey', key: name, from, paths: [name], to: 'cache/valkey', without: [] };
}

/** What no program reads at run time is left out, and the links to this machine's TensorFlow. */
const NOT_AT_RUN_TIME = ['*.map', '*.d.ts', '*.d.mts', '*.d.cts', '*.md'];
const LINKED = ['lib', 'deps'].map((name) => `node_modules/@tensorflow/tfjs-node-gpu/${name}`);

async function modules({ root }: PackContext): Promise<Component> {
  const key = createHash('sha256')
    .update(await readFile(join(root, 'package-lock.json')))
    .digest('hex');
  const without = [...NOT_AT_RUN_TIME, ...LINKED];
  return { name: 'modules', key, from: root, paths: await productionModules(root), to: 'modules', without };
}

function checkout({ root }: PackContext): Component {
  const paths = ['package.json', 'dist', 'apps/cli/bin', 'apps/cli/peers', 'test/gpu-kernels/kernels.json'];
  return { name: 'checkout', key: null, from: root, paths, to: 'checkout', without: ['*.map'] };
}

const progressTo = (note: (line: string) => void): ProvisionProgress => ({
  info: note,
  warn: note,
  bytes: () => undefined,
});

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
