import { randomBytes } from 'node:crypto';
import { expectEqual } from './checks.mjs';
import { until } from './commands.mjs';
import { CoordinatorClient, expectWholeLedger } from './coordinator-client.mjs';
import { expectHiddenSecret, expectLimits, expectNoRoot, expectPublished, expectStartOrder } from './stack-checks.mjs';

/** Redis, coordinator and two parameter servers. */
const NUM_OTHERS = 4;
const HEALTHY_TIMEOUT_MS = 180_000;
const RETURN_TIMEOUT_MS = 60_000;

const EPOCHS = 16;
const STEPS = 10 * EPOCHS;
const spec = (name, workers) => ({
  name,
  model: { architecture: 'resnet20', numClasses: 10, imageSize: 16 },
  dataset: { kind: 'image-folder', path: '/datasets/shapes' },
  lanes: 4,
  laneBatchSize: 8,
  epochs: EPOCHS,
  workers,
  checkpoint: { everySteps: 20, keep: 2 },
});

/** The whole story: one worker, three, three with faults, everything down and up again. */
export async function testTraining({ checks, stack, env: common, port, signal }) {
  const apiKey = randomBytes(16).toString('hex');
  const env = { ...common, SKIPLANE_API_KEY: apiKey };
  const url = `http://127.0.0.1:${port}`;
  const client = new CoordinatorClient({ url, apiKey, signal });
  const check = (name, body) => checks.check(name, body, signal);
  const need = (name, body) => checks.require(name, body, signal);

  await need('the image builds', () => stack.build(env).then(() => ''));
  let containers = [];
  await need('all containers become healthy', async () => {
    await stack.up(env, 1);
    containers = await stack.containers();
    await check('workers start after the coordinator is healthy, it after what it needs', () =>
      expectStartOrder(containers),
    );
    containers = await stack.healthy(NUM_OTHERS + 1, HEALTHY_TIMEOUT_MS);
  });
  await check('no process runs as root', () => expectNoRoot(stack, containers));
  await check('only the coordinator is published, on loopback', () => expectPublished(containers, port));
  await check('limits are applied', () => expectLimits(containers));
  await check('workers and parameter servers share a secret that settings do not show', () =>
    expectHiddenSecret(stack, containers),
  );
  await check('the key is asked for', async () => {
    expectEqual((await fetch(`${url}/v1/runs`, { signal })).status, 401, 'the answer without it');
    expectEqual((await client.fetch('/v1/runs')).status, 200, 'the answer with it');
  });

  await check('a second coordinator on the same data is refused', async () => {
    const refusal = await stack.runOnce(env, 'coordinator').catch((error) => error.message);
    const [words] = /another coordinator \(process .+ works on [^:\s]+/.exec(refusal) ?? [];
    if (words === undefined) throw new Error(`it said: ${refusal}`);
    return words;
  });
  await check('a coordinator that hung and was replaced ends when it wakes up', () =>
    replaceCoordinator({ stack, env, signal }),
  );

  const hashes = new Map();
  const trained = async (name, id) => {
    const run = await client.finished(id);
    expectEqual(run.progress.step, STEPS, 'the last step');
    expectWholeLedger(run);
    expectEqual(await client.weightsSha256(run), run.weightsSha256, 'SHA-256 of the downloaded weights');
    hashes.set(name, { id, sha256: run.weightsSha256 });
    const seconds = (run.finishedAt - run.startedAt) / 1000;
    return `SHA-256 ${run.weightsSha256.slice(0, 16)}..., ${STEPS} steps in ${seconds.toFixed(1)} s`;
  };

  await need('1 worker trains', async () => trained('one', await client.submit(spec('one', { min: 1, max: 1 }))));
  await need('3 workers train together', async () => {
    await stack.up(env, 3);
    await stack.healthy(NUM_OTHERS + 3, HEALTHY_TIMEOUT_MS);
    const id = await client.submit(spec('three', { min: 3, max: 3 }));
    await drivenBy(client, id, 3);
    return trained('three', id);
  });
  await check('3 workers train through kills', () => trainThroughKills({ stack, client, check, trained, signal }));
  await check('the weights of all runs are the same', () => {
    expectEqual(hashes.size, 3, 'the number of finished runs');
    const different = new Set([...hashes.values()].map(({ sha256 }) => sha256));
    if (different.size > 1) throw new Error([...different].join(' and '));
    return [...different][0];
  });

  await check('runs and checkpoints outlive `down` and `up`', async () => {
    await stack.down(env);
    expectEqual((await stack.containers()).length, 0, 'the number of containers after `down`');
    // Without a key this time: on loopback none need be set.
    const open = new CoordinatorClient({ url, signal });
    await stack.up(common, 1);
    await stack.healthy(NUM_OTHERS + 1, HEALTHY_TIMEOUT_MS);
    const { runs } = await open.json('/v1/runs');
    const listed = [];
    for (const { id } of runs.toReversed()) {
      const run = await open.json(`/v1/runs/${id}`);
      listed.push({ id, sha256: run.weightsSha256 });
      expectEqual(await open.weightsSha256(run), run.weightsSha256, 'SHA-256 of the weights');
    }
    expectEqual(listed, [...hashes.values()], 'the list of runs');
    return `${runs.length} runs`;
  });
  await check('the stack trains on after that', async () => {
    const open = new CoordinatorClient({ url, signal });
    const run = await open.finished(await open.submit(spec('again', { min: 1, max: 1 })));
    expectEqual(run.weightsSha256, hashes.get('one')?.sha256, 'SHA-256 of the weights');
  });
}

/** The first one wakes up, finds the data folder taken, ends, and is started again when the other is gone. */
async function replaceCoordinator({ stack, env, signal }) {
  const first = (await stack.containers()).find(({ service }) => service === 'coordinator');
  await stack.docker(['pause', first.Id]);
  const second = await stack.runBeside(env, 'coordinator');
  try {
    const isListening = async () => (await stack.docker(['logs', second])).includes('"listening"');
    await until('the second to take over', isListening, { timeoutMs: RETURN_TIMEOUT_MS, signal });
    await stack.docker(['unpause', first.Id]);
    const isAnew = async () => JSON.parse(await stack.docker(['inspect', first.Id]))[0].RestartCount > 0;
    await until('the first to end', isAnew, { timeoutMs: RETURN_TIMEOUT_MS, signal });
    await stack.docker(['stop', second]);
  } finally {
    await stack.docker(['rm', '--force', second]);
    await stack.healthy(NUM_OTHERS + 1, HEALTHY_TIMEOUT_MS);
  }
}

/** A container killed from outside stays away, as a lost machine does; a crash inside one is for the restart policy. */
async function trainThroughKills({ stack, client, check, trained, signal }) {
  const id = await client.submit(spec('kills', { min: 1, max: 3 }));
  await drivenBy(client, id, 3);
  await client.atStep(id, 10);
  const [first, second] = await stack.workers();
  await stack.docker(['kill', first.Id]);
  const killedAt = (await client.run(id)).progress.step;
  await client.atStep(id, killedAt + 10);
  await stack.crash(second.Id);
  const crashedAt = (await client.run(id)).progress.step;
  await client.atStep(id, crashedAt + 10);
  const server = (await stack.containers()).find(({ service }) => service === 'parameter-server');
  await stack.crash(server.Id);
  const serverAt = (await client.run(id)).progress.step;
  const detail = await trained('kills', id);
  await check('what crashed is started again and becomes healthy', async () => {
    const isBack = ({ Id, RestartCount, State }) =>
      [second.Id, server.Id].includes(Id) && RestartCount > 0 && State.Health.Status === 'healthy';
    await until('both to be back', async () => (await stack.containers()).filter(isBack).length === 2, {
      timeoutMs: RETURN_TIMEOUT_MS,
      signal,
    });
  });
  const kills = `worker killed at step ${killedAt}, another crashed at ${crashedAt}, parameter server at ${serverAt}`;
  if (Math.max(killedAt, crashedAt, serverAt) >= STEPS) throw new Error(`the run was over too soon: ${kills}`);
  return `${detail}; ${kills}`;
}

const drivenBy = (client, id, numWorkers) =>
  client.runUntil(id, `lanes on ${numWorkers} workers`, ({ lanes }) => {
    const drivers = new Set(lanes.map(({ workerId }) => workerId));
    return drivers.size === numWorkers && !drivers.has(null);
  });
