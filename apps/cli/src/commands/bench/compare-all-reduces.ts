import { fileURLToPath } from 'node:url';
import { WIRE_FORMATS, type WireFormat } from '#contracts';
import { freePort } from '#queue';
import { z } from 'zod';
import { runForJson, type ChildCommand } from '../../local-stack/run-for-json.js';
import { peerCommand, type BenchContext, type BenchGroup } from './bench-group.js';
import type { Measured, Row, Way } from './compare-in-turn.js';

type ExchangeContext = Pick<BenchContext, 'peer' | 'device' | 'signal'>;

/** Parameters of ResNet-50. */
const NUM_ELEMENTS = 25_557_032;
/** All-reduces of one measurement; the processes' first ones are not counted. */
const NUM_ROUNDS = 9;
const NUM_SERVERS = 2;

/** Gradients of ResNet-50 added up over processes of this machine. */
export const allReduces: BenchGroup = {
  name: 'all-reduce',
  about: `Sum of ${NUM_ELEMENTS} numbers over worker processes of one machine, ${NUM_SERVERS} parameter servers beside them; gloo over loopback, always in fp32. The median of ${NUM_ROUNDS} sums, and the processor time of all processes for one.`,
  rows: (context) =>
    [2, 4].flatMap((workers) => {
      // One for all formats, so that a round measures it once.
      const gloo: Way = { name: 'gloo', measure: () => measureGloo(workers, context) };
      return WIRE_FORMATS.map((wire) => allReduceRow({ workers, wire }, gloo, context));
    }),
};

function allReduceRow(
  { workers, wire }: { readonly workers: number; readonly wire: WireFormat },
  gloo: Way,
  context: ExchangeContext,
): Row {
  return {
    id: `all-reduce/${workers}/${wire}`,
    title: `all-reduce of ${workers} workers, ${wire} on the wire`,
    unit: 'ms',
    own: { name: 'skiplane', measure: () => millisecondsOf(ours(workers, wire, context)) },
    peers: context.peer === null ? [] : [gloo],
  };
}

function ours(workers: number, wire: WireFormat, { signal }: ExchangeContext): ChildCommand {
  const entry = fileURLToPath(new URL('../../../../../libs/parameter-server/bench/all-reduce.js', import.meta.url));
  const flags = { workers, wire, servers: NUM_SERVERS, elements: NUM_ELEMENTS, rounds: NUM_ROUNDS };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return { command: process.execPath, args: [entry, ...args], signal };
}

async function measureGloo(world: number, context: ExchangeContext): Promise<Measured> {
  if (context.peer === null) throw new Error('gloo is measured with a peer only');
  const flags = { world, elements: NUM_ELEMENTS, rounds: NUM_ROUNDS, port: await freePort() };
  return await millisecondsOf(peerCommand(context.peer, 'allreduce.py', flags, context));
}

const resultSchema = z.object({ msMedian: z.number().positive(), cpuMs: z.number().positive() });

async function millisecondsOf(child: ChildCommand): Promise<Measured> {
  const { msMedian, cpuMs } = await runForJson(child, resultSchema);
  return { value: msMedian, facts: { 'processor time, ms': cpuMs } };
}
