/** `npm run elastic`: the number of workers changes during a run; the weights must be those of one worker alone. */
import { parseArgs } from 'node:util';
import { PRECISIONS, WIRE_FORMATS } from '#contracts';
import { TrainingStack } from '../support/training-stack.js';
import { playSchedule, type CellResult } from './play-schedule.js';
import { LANES, NUMERALS, undisturbed } from './undisturbed.js';

const HELP = `Usage: npm run elastic -- [options]

Trains a small network of ${LANES} lanes with real processes and TensorFlow while workers are started and stopped, in
every precision, on every wire and with every number of parameter servers; weights and ledger must be those of one
worker alone. The schedule is gone through forwards and backwards in turn. Half an hour on two free cores.

  --schedule A,B    numbers of workers one after the other, 1 to ${LANES} (default: 1,3,5,7,16,2)
  --servers A,B     numbers of parameter servers (default: 1,2,3,4)
  --wires A,B       of: ${WIRE_FORMATS.join(', ')} (default: both)
  --precisions A,B  of: ${PRECISIONS.join(', ')} (default: both)
  --epochs N        of ten steps; more where a run ends before its schedule (default: 60)
  --json            one JSON line last
  --help

Exit codes: 0 the same bits everywhere, 1 not, 2 bad usage.`;

/** For one stage or one whole run. */
const TIMEOUT_MS = 900_000;
/** Sixteen processes on few cores are late without being dead. */
const PATIENCE_MS = 15_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      schedule: { type: 'string', default: '1,3,5,7,16,2' },
      servers: { type: 'string', default: '1,2,3,4' },
      wires: { type: 'string', default: WIRE_FORMATS.join(',') },
      precisions: { type: 'string', default: PRECISIONS.join(',') },
      epochs: { type: 'string', default: '60' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const schedule = numbers('--schedule', values.schedule, LANES);
  const servers = numbers('--servers', values.servers, 64);
  const [epochs = 0] = numbers('--epochs', values.epochs, 10_000);
  const wires = chosen('--wires', values.wires, WIRE_FORMATS);
  const precisions = chosen('--precisions', values.precisions, PRECISIONS);
  const numerals = NUMERALS.filter(({ wire, precision }) => wires.includes(wire) && precisions.includes(precision));

  const expected = await undisturbed(numerals, epochs, TIMEOUT_MS);
  const alone = [...expected].map(([each, view]) => {
    const { step: steps, valLoss, valAccuracy } = view.progress;
    return { ...each, steps, valLoss, valAccuracy, weightsSha256: view.weightsSha256 };
  });
  for (const run of alone) console.error(`one worker alone: ${JSON.stringify(run)}`);
  const results: CellResult[] = [];
  for (const parameterServers of servers) {
    await using world = await TrainingStack.start({
      workers: 0,
      parameterServers,
      env: { SKIPLANE_PATIENCE_MS: String(PATIENCE_MS) },
    });
    for (const [each, undisturbedRun] of inTurn([...expected], results.length / numerals.length)) {
      const isBackwards = results.length % 2 === 1;
      const result = await playSchedule(world, {
        ...each,
        parameterServers,
        schedule: isBackwards ? schedule.toReversed() : schedule,
        epochs,
        timeoutMs: TIMEOUT_MS,
        expected: undisturbedRun,
      });
      results.push(result);
      const stages = result.stages.map(({ workers, step }) => `${workers} at step ${step}`).join(', ');
      console.error(
        `${result.isPassed ? 'passed' : 'FAILED'} ${each.precision}, ${each.wire} wire, ${parameterServers} parameter servers, ${result.seconds} s: ` +
          `${stages}${result.faults.map((fault) => `; ${fault}`).join('')}`,
      );
    }
  }
  const failed = results.filter(({ isPassed }) => !isPassed).length;
  if (values.json) console.log(JSON.stringify({ passed: results.length - failed, failed, alone, results }));
  else console.log(`${results.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** The same wire goes forwards with one number of servers and backwards with the next. */
function inTurn<Item>(items: readonly Item[], turn: number): readonly Item[] {
  return turn % 2 === 0 ? items : items.toReversed();
}

function chosen<Name extends string>(flag: string, text: string, names: readonly Name[]): readonly Name[] {
  const wanted = text.split(',');
  const found = names.filter((name) => wanted.includes(name));
  if (found.length !== wanted.length) throw new TypeError(`${flag}: ${text} is not of ${names.join(', ')}`);
  return found;
}

function numbers(flag: string, text: string, most: number): readonly number[] {
  const list = text.split(',').map(Number);
  if (list.some((count) => !Number.isSafeInteger(count) || count < 1 || count > most))
    throw new TypeError(`${flag}: expected numbers from 1 to ${most}, got ${text}`);
  return list;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `elastic: ${error.message}` : error);
  return error instanceof TypeError ? 2 : 1;
});
