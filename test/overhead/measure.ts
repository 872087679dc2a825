/** Entry of a measuring process: the bare step loop and the worker's path in turn, on the same engines. */
import { Redis } from 'ioredis';
import { median } from '#contracts';
import { foldTree } from '#parameter-server';
import { buildNetwork, initialState, layoutOf } from '#resnet';
import { configureThreads } from '#tensorflow-runtime';
import { DEFAULT_STEP_CONFIG, EnginePool, firstStateOf, type BatchTree } from '#engine';
import type { Batch } from '#data-loading';
import { z } from 'zod';
import type { Cost, Measurement } from './measurement.js';
import { pairedRatio } from './paired-ratio.js';
import { scenarioSchema, type Scenario } from './options.js';
import { WorkerPath } from './worker-path.js';

const WARM_UP_STEPS = 3;
/** Fewer say nothing about a few percent. */
const MIN_PAIRS = 7;

async function measure(scenario: Scenario): Promise<Measurement> {
  const { model, batch: numSamples, lanes } = scenario;
  const numClasses = model === 'resnet20' ? 10 : 1000;
  const network = buildNetwork({ architecture: model, numClasses });
  const layout = layoutOf(network);
  configureThreads({ engines: lanes });
  const engines = new EnginePool({ network, engine: 'graph', lanesAtOnce: lanes });
  await engines.ready();
  const pixels = numSamples * network.imageSize ** 2 * 3;
  const image = Uint8Array.from({ length: pixels }, (_, index) => (index * 2_654_435_761) >>> 24);
  const label = Int32Array.from({ length: numSamples }, (_, index) => index % numClasses);
  // Engines take the buffers, in both ways of stepping.
  const makeBatch = (): Batch => ({ images: image.slice(), labels: label.slice(), numSamples });

  const options = {
    globalBatch: numSamples * lanes,
    numRounded: 0,
    lanes: Array.from({ length: lanes }, (_, lane) => lane),
  };
  const bareSteps = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step += 1) {
      const tree = foldTree<BatchTree>({ lo: 0, hi: lanes }, makeBatch, (left, right) => [left, right]);
      await engines.train(tree, options, { learningRate: 0.001, step: step + 1 });
    }
  };
  await engines.writeState(firstStateOf(initialState(layout, 1), layout, DEFAULT_STEP_CONFIG));
  await bareSteps(WARM_UP_STEPS);
  const path = await WorkerPath.open(scenario, { engines, layout, makeBatch });
  await path.take(WARM_UP_STEPS);
  await path.untilSoleMember();
  path.takeTimings();

  const redis = new Redis(scenario.redisUrl);
  const begun = performance.now();
  await bareSteps(2);
  const stepMs = (performance.now() - begun) / 2;
  const stepsEach = Math.max(1, Math.round((scenario.seconds * 1_000) / stepMs));
  const numPairs = Math.max(MIN_PAIRS, Math.round((scenario.minutes * 60_000) / (2 * stepsEach * stepMs)));
  const timed = async (work: () => Promise<void>): Promise<Cost & { serversMs: number; redisMs: number }> => {
    const before = { own: ownCpuMs(), servers: await serversCpuMs(), redis: await redisCpuMs(redis) };
    const at = performance.now();
    await work();
    const wallMs = (performance.now() - at) / stepsEach;
    const own = ownCpuMs() - before.own;
    const serversMs = ((await serversCpuMs()) - before.servers) / stepsEach;
    const redisMs = ((await redisCpuMs(redis)) - before.redis) / stepsEach;
    return { wallMs, cpuMs: own / stepsEach + serversMs + redisMs, serversMs, redisMs };
  };
  const bare: Cost[] = [];
  const worker: Awaited<ReturnType<typeof timed>>[] = [];
  for (let pair = 0; pair < numPairs; pair += 1) {
    const ways = [
      async () => {
        const { wallMs, cpuMs } = await timed(() => bareSteps(stepsEach));
        bare.push({ wallMs, cpuMs });
      },
      async () => void worker.push(await timed(() => path.take(stepsEach))),
    ];
    // Whoever comes second in a pair must not always be the same one.
    for (const way of pair % 2 === 0 ? ways : ways.toReversed()) await way();
  }
  // The last steps are reported with the replica's next tick.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const timings = path.takeTimings();
  await path.close();
  redis.disconnect();
  await engines.close();

  const pairs = bare.flatMap((cost, index) => {
    const other = worker[index];
    return other === undefined ? [] : [[cost, other] as const];
  });
  const middle = (costs: readonly Cost[]): Cost => ({
    wallMs: median(costs.map(({ wallMs }) => wallMs)),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
  });
  return {
    title: scenario.title,
    bare: middle(bare),
    worker: middle(worker),
    wallRatio: pairedRatio(pairs.map(([first, second]) => [first.wallMs, second.wallMs])),
    cpuRatio: pairedRatio(pairs.map(([first, second]) => [first.cpuMs, second.cpuMs])),
    parts: {
      data: median(timings.map(({ dataMs }) => dataMs)),
      compute: median(timings.map(({ computeMs }) => computeMs)),
      exchange: median(timings.map(({ exchangeMs }) => exchangeMs)),
      update: median(timings.map(({ updateMs }) => updateMs)),
    },
    serversCpuMs: median(worker.map(({ serversMs }) => serversMs)),
    redisCpuMs: median(worker.map(({ redisMs }) => redisMs)),
    stepsEach,
    numPairs,
  };
}

/** All threads of this process. */
function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** The process that started this one keeps the servers and asks them. */
async function serversCpuMs(): Promise<number> {
  const answer = new Promise((resolve) => process.once('message', resolve));
  process.send?.({ ask: 'servers-cpu' });
  return z.number().parse(await answer);
}

async function redisCpuMs(redis: Redis): Promise<number> {
  const text = await redis.info('cpu');
  const seconds = (name: string): number => Number(new RegExp(`^${name}:(\\S+)`, 'm').exec(text)?.[1] ?? 0);
  return (seconds('used_cpu_sys') + seconds('used_cpu_user')) * 1_000;
}

const measurement = await measure(scenarioSchema.parse(JSON.parse(process.argv[2] ?? '{}')));
process.send?.({ measurement });
process.disconnect();
