import { isWhole } from '../../support/training-stack.js';
import { judged, type CheckPart, type Finding } from '../check-part.js';
import type { FinishedRun } from '../training-runs.js';

/** The undisturbed run against the same run in another process, with a kill, and on two workers where there are two devices. */
export const sameBits: CheckPart = {
  name: 'same-bits',
  title: 'the same weights from two processes, after a kill, on two workers',
  limitSeconds: 240,
  run: async ({ runs, target }) => {
    const undisturbed = await runs.partial();
    const others = [await runs.inAnotherProcess()];
    const killed = await runs.killed();
    if (target.numDevices > 1) others.push(await runs.onTwo());
    return judgeBits({ undisturbed, others, killed });
  },
};

/** `others` includes the run on two workers where there was one. */
export function judgeBits({
  undisturbed,
  others,
  killed,
}: Record<'undisturbed' | 'killed', FinishedRun> & { readonly others: readonly FinishedRun[] }): Finding {
  const all = [undisturbed, killed, ...others];
  const { weightsSha256 } = undisturbed.view;
  const faults = [
    ...(weightsSha256 === null ? ['the undisturbed run left no weights'] : []),
    ...(killed.view.incarnation > 1 ? [] : ['the run was over before its worker was killed']),
    ...all.slice(1).flatMap((run) => faultsOf(run, undisturbed)),
  ];
  const isOnTwo = all.some(({ workers }) => workers.length > 1);
  const onTwo = isOnTwo ? '' : '; not on two workers: a device takes one process, and there is one device';
  const detail = `${weightsSha256?.slice(0, 12)}… from ${all.map(({ title }) => title).join(', ')}${onTwo}`;
  const data = all.map(({ title, view, workers }) => ({
    run: title,
    weightsSha256: view.weightsSha256,
    incarnation: view.incarnation,
    processes: workers.map(({ pid }) => pid),
  }));
  return judged(faults, detail, { runs: data });
}

function faultsOf(run: FinishedRun, expected: FinishedRun): readonly string[] {
  const { title, view, workers } = run;
  const pids = new Set(expected.workers.map(({ pid }) => pid));
  const isSame = view.weightsSha256 === expected.view.weightsSha256;
  return [
    ...(isSame ? [] : [`${title}: other weights, ${firstDifference(run, expected)}`]),
    ...(isWhole(view) ? [] : [`${title}: the ledger is not whole: ${JSON.stringify(view.ledger)}`]),
    ...(workers.some(({ pid }) => pids.has(pid)) ? [`${title}: it was not another process`] : []),
  ];
}

/** Where to look: a first step that differs speaks of kernels, a later one of what was put back. */
function firstDifference(run: FinishedRun, expected: FinishedRun): string {
  const step = run.steps.find(({ digest }, index) => digest !== expected.steps[index]?.digest);
  return step === undefined ? 'though all gradients are the same' : `gradients differ from step ${step.step} on`;
}
