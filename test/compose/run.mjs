#!/usr/bin/env node
/**
 * `npm run test:compose`: builds the image, starts docker-compose.yml as a project of its own and trains in it. The last
 * line is `N passed, N failed`. Everything it started is removed again, also after a failure or Ctrl-C; the image stays.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../../apps/cli/bin/prepare.mjs';
import { Checks, StopTest } from './checks.mjs';
import { ComposeStack, findCompose } from './compose-stack.mjs';
import { LIMIT_VARIABLES } from './stack-checks.mjs';
import { testTraining } from './test-training.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const say = (line) => console.error(line);

const compose = await findCompose();
if (typeof compose === 'string') {
  say(compose);
  console.log('0 passed, 1 failed');
  process.exit(1);
}
if (!(await prepare(root, say))) {
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'])
  process.on(name, () => {
    say('interrupted: removing what was started ...');
    stop.abort(new Error(`interrupted by ${name}`));
  });

const project = `skiplane-test-${process.pid}`;
const datasets = mkdtempSync(join(tmpdir(), 'skiplane-compose-'));
const port = await freePort();
const env = {
  ...withoutOurs(process.env),
  ...LIMIT_VARIABLES,
  // Needed by docker-compose 1; others build so anyway.
  DOCKER_BUILDKIT: '1',
  COMPOSE_DOCKER_CLI_BUILD: '1',
  SKIPLANE_TENSORFLOW: 'cpu',
  SKIPLANE_RUNTIME: 'runc',
  SKIPLANE_BIND: '127.0.0.1',
  SKIPLANE_PORT: String(port),
  SKIPLANE_DATASETS: datasets,
  SKIPLANE_ENGINES: '1',
  SKIPLANE_TOKEN: '',
};
const checks = new Checks();
const stack = new ComposeStack({ compose, root, project, signal: stop.signal });
say(`${compose.command} ${compose.first.join(' ')} ${compose.version}, project ${project}, port ${port}`);
try {
  await makeData(datasets);
  await testTraining({ checks, stack, env, port, signal: stop.signal });
} catch (error) {
  // One that stopped for a failed check has told of it.
  if (error instanceof StopTest) say(error.message);
  else checks.fail('the test comes to its end', error.message);
} finally {
  if (checks.numFailed > 0 && !stop.signal.aborted) say(await stack.logs(env, 30).catch((error) => error.message));
  await stack.remove(env).catch((error) => say(error.message));
  rmSync(datasets, { recursive: true, force: true });
}
const left = await stack.leftovers().catch((error) => [error.message]);
await checks.check(
  'nothing is left behind',
  () => {
    if (left.length > 0) throw new Error(left.join(', '));
  },
  new AbortController().signal,
);
console.log(checks.report());
process.exit(checks.numFailed === 0 ? 0 : 1);

/** Small real JPEG files, drawn on the host; the containers' user must be able to read them. */
async function makeData(folder) {
  const { makeShapesDataset } = await import('../../dist/libs/dataset/src/index.js');
  chmodSync(folder, 0o755);
  await makeShapesDataset(join(folder, 'shapes'), { numTrain: 320, numVal: 60, imageSize: 20, seed: 1 });
}

/** Settings of the shell must not change what is tested. */
function withoutOurs(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^SKIPLANE_|^COMPOSE_|^AWS_/.test(name)));
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return free;
}
