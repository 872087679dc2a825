import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { makeShapesDataset } from '#dataset';
import { freePort } from '#queue';
import { imagesPerSecondOf, peerCommand, type BenchContext, type BenchGroup, type Peer } from './bench-group.js';
import type { Row, Way } from './compare-in-turn.js';
import { measureRun, type RunWork } from './measure-run.js';

const LANES = availableParallelism();

const WORKS: readonly RunWork[] = [
  {
    model: 'resnet20',
    precision: 'fp32',
    lanes: LANES,
    laneBatchSize: 64,
    numSteps: 70,
    skippedSteps: 10,
    drawnSize: 40,
  },
  {
    model: 'resnet50',
    precision: 'bf16',
    lanes: LANES,
    laneBatchSize: 8,
    numSteps: 14,
    skippedSteps: 4,
    drawnSize: 400,
  },
];

/** Whole runs on the CPU, by one worker and by a worker per core, against DDP with its loader on the same files. */
export const runs: BenchGroup = {
  name: 'run',
  about:
    'Whole runs from the same JPEG files, on the CPU: Skiplane with coordinator, Redis, two parameter servers and workers; DDP with gloo and torchvision. Images per second between the end of the first steps and the end of the last one, waiting for data included.',
  rows: (context) => WORKS.flatMap((work) => runRows(work, context)),
  prepare: async ({ folder, signal }) => {
    for (const work of WORKS) {
      const numTrain = work.lanes * work.laneBatchSize * work.numSteps;
      const drawing = { numTrain, numVal: 20, imageSize: work.drawnSize, seed: 1, signal };
      await makeShapesDataset(dataOf(work, folder), drawing);
    }
  },
};

const dataOf = ({ model }: RunWork, folder: string): string => join(folder, `run-${model}`);

function runRows(work: RunWork, context: BenchContext): readonly Row[] {
  const { model, precision, lanes, laneBatchSize } = work;
  const peers = context.peer ? [ddp(work, context.peer, context)] : [];
  const row = (numWorkers: number, others: readonly Way[]): Row => ({
    id: `run/${model}/${numWorkers}-worker${numWorkers === 1 ? '' : 's'}/${precision}`,
    title: `run from JPEG, ${model}, ${lanes} x ${laneBatchSize}, ${precision}, ${numWorkers} worker${numWorkers === 1 ? '' : 's'} on ${LANES} cores`,
    unit: 'images/s',
    own: ours(work, numWorkers, context),
    peers: [...peers, ...others],
  });
  const alone = row(1, []);
  return LANES === 1 ? [alone] : [alone, row(LANES, [alone.own])];
}

function ours(work: RunWork, numWorkers: number, { folder, signal }: BenchContext): Way {
  return {
    name: `skiplane, ${numWorkers} worker${numWorkers === 1 ? '' : 's'}`,
    measure: () => measureRun(work, { numWorkers, data: dataOf(work, folder), folder, signal }),
  };
}

function ddp(work: RunWork, peer: Peer, context: BenchContext): Way {
  const flags = {
    folder: dataOf(work, context.folder),
    model: work.model,
    precision: work.precision,
    batch: work.laneBatchSize,
    world: work.lanes,
    skip: work.skippedSteps,
  };
  return {
    name: `PyTorch DDP, ${work.lanes} processes`,
    measure: async () =>
      await imagesPerSecondOf(peerCommand(peer, 'ddp_run.py', { ...flags, port: await freePort() }, context)),
  };
}
