/** `npm run chaos`: every role is killed in every phase of a run, with real processes; the weights must not change. */
import { parseArgs } from 'node:util';
import { TrainingStack } from '../support/training-stack.js';
import { matrixReport } from './matrix-report.js';
import { PHASE_NAMES, type PhaseName } from './phases.js';
import { COLD, ROLE_NAMES, type RoleName } from './roles.js';
import { epochsOf, runCell, smallRun, type CellResult } from './run-cell.js';

const HELP = `Usage: npm run chaos -- [options]

Kills every role in every phase of a small run, with real processes and a real Redis, and compares the weights with those
of the undisturbed run. Some 15 s a cell.

  --seeds N       runs of each cell, at other rounds (default: 1)
  --roles A,B     of: ${ROLE_NAMES.join(', ')}
  --phases A,B    of: ${PHASE_NAMES.join(', ')}
  --overlap       gradients travel stage by stage (SKIPLANE_OVERLAP=on)
  --store         checkpoints lie in a bucket, and nowhere else
  --json          one JSON line last
  --help

Exit codes: 0 all cells passed, 1 some failed, 2 bad usage.`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1' },
      roles: { type: 'string', default: ROLE_NAMES.join(',') },
      phases: { type: 'string', default: PHASE_NAMES.join(',') },
      overlap: { type: 'boolean', default: false },
      store: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const roles = chosen<RoleName>('--roles', values.roles, ROLE_NAMES);
  const phases = chosen<PhaseName>('--phases', values.phases, PHASE_NAMES);
  const numSeeds = Number(values.seeds);
  if (!Number.isSafeInteger(numSeeds) || numSeeds < 1) throw new TypeError('--seeds: expected a number of at least 1');
  const cells = Array.from({ length: numSeeds }, (_, index) => index + 1).flatMap((seed) =>
    roles.flatMap((role) =>
      phases.map((phase) => ({ role, phase, seed, isOverlapped: values.overlap, isStored: values.store })),
    ),
  );

  const expected = new Map<number, string>();
  for (const epochs of new Set(phases.map(epochsOf))) {
    expected.set(epochs, await undisturbed(epochs));
    console.error(`undisturbed run of ${epochs} epochs: ${expected.get(epochs)}`);
  }
  const results: CellResult[] = [];
  for (const cell of cells) {
    const result = await runCell(cell, expected.get(epochsOf(cell.phase)) ?? '');
    results.push(result);
    const time = result.recoveryMs === null ? '-' : `${result.recoveryMs} ms`;
    const what = `${result.role} / ${result.phase} / seed ${result.seed}`;
    console.error(
      `${results.length}/${cells.length} ${result.isPassed ? 'passed' : 'FAILED'} ${what}: next commit after ${time}${result.faults.map((fault) => `; ${fault}`).join('')}`,
    );
  }
  const report = matrixReport(results);
  for (const [role, { p50Ms, p95Ms }] of Object.entries(report.recoveryByRole)) {
    const note = COLD.includes(role as RoleName) ? ' (from the last checkpoint)' : '';
    console.error(`${role}: next commit p50 ${p50Ms} ms, p95 ${p95Ms} ms${note}`);
  }
  if (values.json) console.log(JSON.stringify(report));
  else console.log(`${report.passed} passed, ${report.failed} failed`);
  return report.failed === 0 ? 0 : 1;
}

async function undisturbed(epochs: number): Promise<string> {
  await using world = await TrainingStack.start({ workers: 1, parameterServers: 1 });
  const { weightsSha256 } = await world.finished(await world.submit(smallRun(world, epochs)));
  if (weightsSha256 === null) throw new Error('the undisturbed run left no weights');
  return weightsSha256;
}

function chosen<Name extends string>(flag: string, list: string, known: readonly Name[]): readonly Name[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.some((one) => one === name));
  if (unknown.length > 0) throw new TypeError(`${flag}: ${unknown.join(', ')}: expected some of ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof TypeError ? `chaos: ${error.message}` : error);
  return error instanceof TypeError ? 2 : 1;
});
