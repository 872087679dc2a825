import { samplesInStep, stepsPerEpoch, totalSteps } from '#contracts';
import type { RunShape } from './model/run-shape.js';
import type { AppliedRoots, Witness } from './model/witness.js';
import { lostPushes } from './observers/lost-pushes.js';
import type { SimulatedSystem } from './system.js';
import type { World } from './world/world.js';

/** What an undisturbed run of a shape is and says. */
export interface Baseline {
  readonly applied: AppliedRoots;
  readonly account: Account;
}

/** What the coordinator has on record of a finished run. */
interface Account {
  readonly weightsSha256: string | null;
  /** The hash chain over all steps: losses and gradients. */
  readonly chain: string | null;
  readonly evaluations: readonly (readonly [epoch: number, loss: number, samples: number])[];
}

export interface Outcome {
  readonly failures: readonly string[];
  readonly account: Account | null;
}

interface Judged {
  readonly shape: RunShape;
  readonly baseline: Baseline | null;
  /** Nothing happened but that clocks were set. */
  readonly onlyClocks: boolean;
}

/** What did not hold of a run that is over, or that went on for too long. */
export function judge(
  world: World,
  system: SimulatedSystem,
  witness: Witness,
  { shape, baseline, onlyClocks }: Judged,
): Outcome {
  const failures = world.failures.map(({ process, error }) => `${process}: ${error}`);
  failures.push(...witness.faults);
  // Four rounds kept, one coming, each lane's push and its sum in two ranges; small ranges count as 4 KiB.
  const limit = 5 * 2 * (shape.spec.lanes + 1) * (shape.layout.vectorLength * 4 + 4_096);
  if (system.peakMemoryBytes > limit)
    failures.push(`a parameter server held ${system.peakMemoryBytes} bytes, more than ${limit}`);
  if (!system.isSettled) {
    if (failures.length === 0) failures.push(`the run did not finish: ${system.describe()}`, ...lostPushes(world));
    return { failures, account: null };
  }
  if (onlyClocks) failures.push(...lostByClocks(system));
  const account = accountOf(system, shape, failures);
  if (account !== null && baseline !== null) compare(account, baseline.account, failures);
  return { failures, account };
}

/** A clock that is set costs nobody his place: no worker is taken for dead, and the run does not begin anew. */
function lostByClocks({ run }: SimulatedSystem): string[] {
  const { incarnation = 1 } = run?.record ?? {};
  const lost = (run?.loadedDetail?.journal.newest ?? []).filter(({ message }) => /\bgone\b|lost all/.test(message));
  return [
    ...lost.map(({ message }) => `a clock was set: ${message}`),
    ...(incarnation > 1 ? [`a clock was set, and the run has ${incarnation} incarnations`] : []),
  ];
}

function accountOf(system: SimulatedSystem, { numbers }: RunShape, failures: string[]): Account | null {
  const { run } = system;
  const detail = run?.loadedDetail;
  if (run === undefined || detail === undefined) return null;
  const { state, reason, weightsSha256 } = run.record;
  if (state !== 'finished') failures.push(`the run is ${state}: ${reason ?? ''}`);
  for (let step = 1; step <= totalSteps(numbers); step += 1) {
    const samples = detail.training.series.samplesOf(step)?.committed;
    const due = samplesInStep(numbers, (step - 1) % stepsPerEpoch(numbers));
    if (samples === undefined) failures.push(`step ${step} is missing in the ledger`);
    else if (samples !== due) failures.push(`step ${step} committed ${samples} samples instead of ${due}`);
  }
  for (const { level, message } of detail.journal.newest)
    if (level === 'warning' && /other bits|no such round/.test(message)) failures.push(`journal: ${message}`);
  const evaluations = detail.training.evaluations.map(({ epoch, loss, samples }) => [epoch, loss, samples] as const);
  if (evaluations.length !== numbers.epochs) failures.push(`${evaluations.length} of ${numbers.epochs} evaluations`);
  return { weightsSha256, chain: detail.training.ledgerView().at(-1)?.chain ?? null, evaluations };
}

function compare(account: Account, expected: Account, failures: string[]): void {
  if (account.weightsSha256 !== expected.weightsSha256) failures.push('the last weights have other bits');
  if (account.chain !== expected.chain) failures.push('the hash chain over the steps is another one');
  if (JSON.stringify(account.evaluations) !== JSON.stringify(expected.evaluations))
    failures.push('the evaluations have other results');
}
