import type { Command } from 'commander';
import { TERMINAL_STATES, type RunView } from '#contracts';
import { ProblemError } from '../../api-client/api-errors.js';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import { diffLedgers, type LedgerComparison } from './diff-ledgers.js';
import { comparisonText } from './comparison-text.js';
import { ledgerSteps } from '../../api-client/ledger-steps.js';

/** `skiplane diff A B` */
export function diffCommand(setup: CommandSetup): Command {
  return clientCommand(
    'diff',
    'name the first step at which two runs differ, and in what',
    'skiplane diff 20261124-153012-4f9a latest || echo not the same training',
  )
    .argument('<a>', 'id, unique prefix or latest')
    .argument('<b>', 'the run to compare with')
    .action((referenceA: string, referenceB: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const [a, b] = [await findRun(client, referenceA), await findRun(client, referenceB)];
        const comparison = await diffLedgers(ledgerSteps(client, a.id), ledgerSteps(client, b.id));
        if (comparison.sameSteps === 0 && comparison.first === null) throw nothingToCompare(a, b);
        const isSame = areSame(a, b, comparison);
        const weights = { a: a.weightsSha256, b: b.weightsSha256 };
        const result = { a: a.id, b: b.id, isSame, ...comparison, weights };
        setup.io.out(options.json ? JSON.stringify(result) : comparisonText(a, b, comparison));
        return isSame ? EXIT.ok : EXIT.differs;
      }),
    );
}

/** A run that still trains is compared as far as it has got; one that is over has no more steps to come. */
function areSame(a: RunView, b: RunView, { first, longer }: LedgerComparison): boolean {
  const shorter = longer === 'a' ? b : longer === 'b' ? a : null;
  if (first !== null || (shorter !== null && TERMINAL_STATES.includes(shorter.state))) return false;
  return a.weightsSha256 === null || b.weightsSha256 === null || a.weightsSha256 === b.weightsSha256;
}

function nothingToCompare(a: RunView, b: RunView): ProblemError {
  const empty = [a, b].filter(({ progress }) => progress.step === 0).map(({ id }) => id);
  return new ProblemError({
    type: 'about:blank',
    title: 'Conflict',
    status: 409,
    detail: `nothing to compare: no committed step yet in ${empty.join(' and ')}`,
  });
}
