import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { delay, type Scene, type Strike } from './scene.js';
import { strikeWhen } from './strike-when.js';

type Phase = (scene: Scene) => Promise<Strike>;

const nobody: Strike = { workerId: null, server: null, release: () => undefined };
const WAIT_MS = 60_000;
/** The first file of a checkpoint on its way to a bucket. */
const SENDING = /^PUT .*\/step-.*\/weights\.safetensors$/;

/** The moments of a run at which something is killed. */
export const PHASES = {
  /** No run trains; one is submitted right after. */
  idle: async () => nobody,
  computing: async ({ commits, round }) => {
    await commits.next(round, WAIT_MS);
    await delay(commits.roundMs * 0.4);
    return nobody;
  },
  'mid-push': ({ tap, round }) =>
    strikeWhen(tap, (event) =>
      event.type === 'push' && event.stage === 'half' && isDue(event, round) ? 'strike' : 'pass',
    ),
  /** A server has the root and nobody else has. */
  reduced: ({ tap, round }) => {
    let first: number | null = null;
    return strikeWhen(tap, (event) => {
      if (event.type !== 'root' || event.stage !== 'begin' || !isDue(event, round)) return 'pass';
      const isFirst = first === null;
      first ??= event.round;
      if (event.round !== first) return 'pass';
      return isFirst ? 'strike' : 'hold';
    });
  },
  /** One worker has the root, the others have nothing of it. */
  'delivered to some': (scene) => strikeAfterFirstDelivery(scene),
  applying: async ({ commits, round }) => {
    await commits.next(round, WAIT_MS);
    return nobody;
  },
  /** The files are being written. */
  checkpointing: async ({ world, runId, round, commits, bucket }) => {
    await commits.next(round, WAIT_MS);
    const numBefore = bucket?.server.requests.length ?? 0;
    const isSending = (): boolean =>
      bucket?.server.requests.slice(numBefore).some((request) => SENDING.test(request)) ?? false;
    const folder = join(world.folder, 'data', 'checkpoints', runId);
    const deadline = performance.now() + WAIT_MS;
    while (performance.now() < deadline) {
      const names = await readdir(folder).catch(() => []);
      if (isSending() || names.some((name) => name.startsWith('.step-'))) return nobody;
      await delay(1);
    }
    throw new Error('no checkpoint was begun');
  },
  /** A newcomer is getting the state. */
  joining: async ({ world, tap, commits, round }) => {
    const moment = strikeWhen(tap, (event) => {
      if (event.type !== 'state-chunk' || event.from !== 'server') return 'pass';
      return event.stage === 'begin' ? 'strike' : 'pass';
    });
    await commits.next(round, WAIT_MS);
    await world.stack.addWorker();
    return await moment;
  },
  /** A worker was asked to leave. */
  leaving: async ({ world, commits, round, seed }) => {
    await commits.next(round, WAIT_MS);
    await delay(seed % 2 === 0 ? 0 : commits.roundMs / 2);
    // Gone or killed: either ends the wait.
    void world.stack.removeWorker('worker-2').catch(() => undefined);
    await delay(1);
    return { ...nobody, workerId: 'worker-2' };
  },
} as const satisfies Readonly<Record<string, Phase>>;
export type PhaseName = keyof typeof PHASES;
export const PHASE_NAMES = Object.keys(PHASES) as readonly PhaseName[];

const isDue = (event: { readonly round: number | null }, round: number): boolean =>
  event.round !== null && event.round >= round;

function strikeAfterFirstDelivery({ tap, round }: Scene): Promise<Strike> {
  let first: { readonly round: number; readonly workerId: string } | null = null;
  let missing = Number.POSITIVE_INFINITY;
  return strikeWhen(tap, (event) => {
    if (event.type !== 'root' || !isDue(event, round) || event.round === null || event.elements === null) return 'pass';
    first ??= { round: event.round, workerId: event.workerId };
    if (event.round !== first.round) return 'pass';
    if (event.workerId !== first.workerId) return event.stage === 'begin' ? 'hold' : 'pass';
    if (event.stage !== 'end') return 'pass';
    const { length, lo, hi } = event.elements;
    missing = Math.min(missing, length) - (hi - lo);
    return missing === 0 ? 'strike' : 'pass';
  });
}
