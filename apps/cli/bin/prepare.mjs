import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kernelLibraries } from './build-kernels.mjs';
import { withFileLock } from './file-lock.mjs';
import { fileStamp, sourceStamp } from './source-stamp.mjs';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Installs dependencies and builds where the stamps say so; safe when several processes do it at once. Returns whether
 * all is built. Nothing goes to stdout, which belongs to the command.
 */
export async function prepare(root, say, { isQuiet = false } = {}) {
  if (steps(root).every((step) => step.isDone())) return true;
  try {
    mkdirSync(join(root, 'dist'), { recursive: true });
    accessSync(join(root, 'dist'), constants.W_OK);
  } catch (error) {
    console.error(
      `skiplane: this checkout is not built as it is now, and this user cannot write to ${root} (${error.code}): run \`npx skiplane --version\` once as its owner`,
    );
    return false;
  }
  return await withFileLock(
    join(root, 'dist', '.bootstrap.lock'),
    (pid) => say(`waiting for process ${pid}, which is preparing this checkout ...`),
    async () => {
      for (const step of steps(root)) {
        if (step.isDone()) continue;
        say(`${step.title} ...`);
        if (!(await step.run(isQuiet))) return false;
        step.stamp();
      }
      return true;
    },
  );
}

/** In this order. Each knows from a stamp whether it has been done for what is here now. */
function steps(root) {
  return [installStep(root), compileStep(root), kernelsStep(root), dashboardStep(root)];
}

function installStep(root) {
  const lockFile = join(root, 'package-lock.json');
  const stampFile = join(root, 'node_modules', '.skiplane-install');
  const wanted = fileStamp(lockFile);
  return {
    title: 'installing the locked dependencies',
    isDone: () => readStamp(stampFile) === wanted || isInstalledByHand(root, lockFile),
    // Not `npm ci`: it refuses a lock file that lacks an optional package of another platform, as a lock file made against
    // a registry that did not have them does. The versions and hashes are those of the lock file either way.
    run: (isQuiet) =>
      runStep(
        root,
        'npm',
        ['install', '--no-save', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'],
        isQuiet,
      ),
    stamp: () => writeFileSync(stampFile, wanted),
  };
}

/** npm itself records what it installed: newer than the lock file, it speaks of this lock file. */
function isInstalledByHand(root, lockFile) {
  const record = join(root, 'node_modules', '.package-lock.json');
  return existsSync(record) && statSync(record).mtimeMs >= statSync(lockFile).mtimeMs;
}

function compileStep(root) {
  const stampFile = join(root, 'dist', '.compile-stamp');
  const main = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
  const program = join(root, 'dist', 'programs', 'worker.js');
  const isServer = (path) => !path.startsWith('apps/dashboard/');
  const wanted = sourceStamp(root, ['apps', 'libs', 'test'], ['tsconfig.json', 'package.json'], isServer);
  return {
    title: 'compiling (tsc)',
    isDone: () => readStamp(stampFile) === wanted && [main, program].every((file) => existsSync(file)),
    run: async (isQuiet) => {
      // tsc writes nothing that its own record says is there.
      if (!existsSync(main)) rmSync(join(root, 'dist', '.tsbuildinfo'), { force: true });
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      const isRight = await runStep(root, process.execPath, [tsc, '-p', 'tsconfig.json'], isQuiet);
      // Also of what has type errors, which tests run on.
      const isBundled =
        existsSync(main) && (await runStep(root, 'npm', ['run', '--silent', 'build:programs'], isQuiet));
      return isRight && isBundled;
    },
    stamp: () => writeFileSync(stampFile, wanted),
  };
}

/** WebAssembly of what lies in libs/NAME/kernels. */
function kernelsStep(root) {
  const libraries = kernelLibraries(root);
  const stampFile = join(root, 'dist', '.kernels-stamp');
  const wanted = sourceStamp(
    root,
    libraries.map(({ folder }) => folder),
    ['package.json'],
  );
  return {
    title: 'compiling kernels (asc)',
    isDone: () =>
      libraries.every(({ compiled }) => existsSync(join(root, compiled))) &&
      (libraries.length === 0 || readStamp(stampFile) === wanted),
    run: (isQuiet) => runStep(root, 'npm', ['run', '--silent', 'build:kernels'], isQuiet),
    stamp: () => writeFileSync(stampFile, wanted),
  };
}

function dashboardStep(root) {
  const stampFile = join(root, 'dist', '.dashboard-stamp');
  const wanted = sourceStamp(root, ['apps/dashboard', 'libs/contracts'], ['package.json']);
  return {
    title: 'building the dashboard (vite)',
    isDone: () => readStamp(stampFile) === wanted && existsSync(join(root, 'dist', 'apps', 'dashboard', 'index.html')),
    run: (isQuiet) => {
      const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
      return runStep(root, process.execPath, [vite, 'build', 'apps/dashboard', '--logLevel', 'warn'], isQuiet);
    },
    stamp: () => writeFileSync(stampFile, wanted),
  };
}

function readStamp(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Runs a program; a quiet one is heard only if it fails. */
function runStep(root, command, args, isQuiet) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: isQuiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2] });
    // Whoever is asked to stop stops what it started, and waits for its end.
    let stopped;
    const stop = (name) => child.kill((stopped = name));
    for (const name of STOP_SIGNALS) process.on(name, stop);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => (output += text));
    const end = (isDone, why) => {
      for (const name of STOP_SIGNALS) process.off(name, stop);
      // The rest of this process ends as it would have without us.
      if (stopped !== undefined) process.kill(process.pid, stopped);
      else if (!isDone) console.error(`${output}skiplane: \`${[command, ...args].join(' ')}\` ${why}`);
      resolve(isDone);
    };
    child.once('error', (error) => end(false, `could not be started: ${error.message}`));
    child.once('close', (code, signal) => end(code === 0, `ended with ${signal ?? `code ${code}`}`));
  });
}
