import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium } from './ensure-chromium.mjs';
import { prepare } from './prepare.mjs';
import { summarize } from './test-summary.mjs';

/**
 * `npm test`: prepares, provisions what the tests use, runs jest with the arguments passed on. The last line of its
 * output is `N passed, N failed[, N skipped]`. A build with type errors does not keep the tests from running, but fails.
 */
export async function runTests(root, args, say) {
  const isBuilt = await prepare(root, say);
  if (!isBuilt) say('the build failed (above); the tests run on what there is');
  const main = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
  if (existsSync(main)) await run(process.execPath, [main, 'provision']);
  await ensureChromium(say);
  const folder = mkdtempSync(join(tmpdir(), 'skiplane-test-'));
  const resultFile = join(folder, 'result.json');
  try {
    const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
    // forceExit: a connection that a test forgot must not hold up whoever waits for the result.
    const own = ['--json', `--outputFile=${resultFile}`, '--forceExit', '--rootDir', root];
    const env = {
      ...process.env,
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --no-warnings`.trim(),
    };
    const code = await run(process.execPath, [jest, ...own, ...args], { cwd: root, env });
    const result = existsSync(resultFile) ? JSON.parse(readFileSync(resultFile, 'utf8')) : undefined;
    const { lines, isPassed } = summarize(result, root);
    if (!isBuilt) console.log('the build failed, see the beginning');
    for (const line of lines) console.log(line);
    return isBuilt && isPassed && code === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program on our own terminal and resolves with its exit code. */
function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    for (const name of ['SIGTERM', 'SIGHUP']) process.once(name, forward);
    // At the terminal the child has the interrupt already; we stay to print the last line.
    process.once('SIGINT', () => {});
    child.once('error', (error) => {
      console.error(`skiplane: ${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once('close', (code) => {
      for (const name of ['SIGTERM', 'SIGHUP']) process.off(name, forward);
      resolve(code ?? 1);
    });
  });
}
