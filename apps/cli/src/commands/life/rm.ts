import { InvalidArgumentError, Option, type Command } from 'commander';
import { KEEP_TAG, RefusedInputError, TERMINAL_STATES, type RunState, type RunSummary } from '#contracts';
import { ageMs } from '#telemetry';
import { clientCommand, runClientAction } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { removeAll, type RemovalFlags } from './remove-all.js';

const PAGE = 500;

interface RemoveOptions extends RemovalFlags {
  readonly state?: RunState;
  /** Milliseconds. */
  readonly olderThan?: number;
}

/** `skiplane rm RUN...` or `skiplane rm --state STATE --older-than AGE` */
export function removeCommand(setup: CommandSetup): Command {
  return clientCommand(
    'rm',
    'delete runs that are over: record, checkpoints and evaluations',
    'skiplane rm 20261124-153012-4f9a --dry-run\nskiplane rm --state failed --older-than 30d --yes',
  )
    .argument('[runs...]', 'id, unique prefix or latest')
    .addOption(
      new Option('--state <state>', `all runs in this state, but those archived or tagged ${KEEP_TAG}`).choices(
        TERMINAL_STATES,
      ),
    )
    .option('--older-than <age>', 'with --state: only runs that ended so long ago, such as 12h, 30d or 8w', age)
    .option('--yes', 'delete without asking', false)
    .option('--dry-run', 'show what would be deleted, and delete nothing', false)
    .action((references: readonly string[], options: RemoveOptions) =>
      runClientAction(setup, options, async (client) => {
        refuseMixture(references, options);
        const ids: string[] = [];
        for (const reference of references) ids.push((await findRun(client, reference)).id);
        if (options.state !== undefined) ids.push(...(await matching(client, options.state, options.olderThan ?? 0)));
        const runs = [...new Set(ids)].map((id) => ({ kind: 'run', id }) as const);
        if (runs.length === 0 && !options.json) {
          setup.io.out('no run matches');
          return EXIT.ok;
        }
        return removeAll(setup.io, client, runs, options);
      }),
    );
}

function refuseMixture(references: readonly string[], { state, olderThan }: RemoveOptions): void {
  const faults: { path: string; message: string }[] = [];
  if (references.length > 0 === (state !== undefined))
    faults.push({ path: 'RUN', message: 'give either runs or --state' });
  if (olderThan !== undefined && state === undefined)
    faults.push({ path: '--older-than', message: 'means nothing without --state' });
  if (faults.length > 0) throw new RefusedInputError('it is not clear which runs to delete', faults);
}

async function matching(client: SkiplaneClient, state: RunState, olderThanMs: number): Promise<string[]> {
  const found: RunSummary[] = [];
  for (let offset = 0, total = 1; offset < total; offset += PAGE) {
    const page = await client.runs({ state, offset, limit: PAGE });
    total = page.total;
    found.push(...page.runs);
  }
  const before = client.now() - olderThanMs;
  return found
    .filter(({ tags, isArchived }) => !isArchived && !tags.includes(KEEP_TAG))
    .filter(({ finishedAt }) => finishedAt !== null && finishedAt <= before)
    .map(({ id }) => id);
}

function age(text: string): number {
  const ms = ageMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Expected an age such as 12h, 30d or 8w.');
  return ms;
}
