import type { Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { countDisplay } from '../../output/count-display.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import { ledgerPages } from '../../api-client/ledger-steps.js';
import { verdictText } from './verdict-text.js';
import { verifyLedger } from './verify-ledger.js';
import { verifyWeights } from './verify-weights.js';
import { formatBytes } from '../../output/quantities.js';

/** `skiplane verify RUN` */
export function verifyCommand(setup: CommandSetup): Command {
  return clientCommand(
    'verify',
    'recompute the counts, hash chain and weights hash of a run, and compare them with its record',
    'skiplane verify latest && echo every sample was used once\nskiplane verify latest --json | jq .epochs',
  )
    .argument('<run>', 'id, unique prefix or latest')
    .action((reference: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const run = await findRun(client, reference);
        using display = countDisplay({ terminal: setup.io.terminal, note: (line) => setup.io.err(line) });
        const onPage = (step: number): void => display.show(() => `step ${step} of ${run.progress.step} counted`);
        const ledger = await verifyLedger(run, ledgerPages(client, run.id), onPage);
        const weights = await verifyWeights(client, run, (sizeBytes) =>
          display.show(() => `${formatBytes(sizeBytes)} of the weights hashed`),
        );
        display[Symbol.dispose]();
        const isRight = ledger.faults.length === 0 && weights?.verdict !== 'differs';
        const result = { runId: run.id, state: run.state, isRight, ...ledger, weights };
        setup.io.out(options.json ? JSON.stringify(result) : verdictText(run, ledger, weights));
        return isRight ? EXIT.ok : EXIT.differs;
      }),
    );
}
