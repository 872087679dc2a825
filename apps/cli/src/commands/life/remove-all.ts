import { printable, RefusedInputError, type Removal } from '#contracts';
import type { ClientFlags } from '../../action/client-command.js';
import type { CommandIo } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { ProblemError } from '../../api-client/api-errors.js';
import type { Removable, SkiplaneClient } from '../../api-client/skiplane-client.js';
import { formatBytes } from '../../output/quantities.js';

export interface RemovalFlags extends ClientFlags {
  readonly yes: boolean;
  readonly dryRun: boolean;
}

/** Says what would be deleted, asks, and deletes it. What is in the way of one keeps no other. */
export async function removeAll(
  io: CommandIo,
  client: SkiplaneClient,
  wanted: readonly Removable[],
  { yes, dryRun, json }: RemovalFlags,
): Promise<ExitCode> {
  const forecasts: Removal[] = [];
  for (const one of wanted) forecasts.push(await client.removal(one));
  const possible = forecasts.filter(({ obstacles }) => obstacles.length === 0);
  const refused = forecasts.filter(({ obstacles }) => obstacles.length > 0);
  if (!json) for (const forecast of forecasts) io.err(removalText(forecast));
  if (!dryRun && possible.length > 0 && !yes && !(await isConfirmed(io, possible))) {
    io.err('nothing was deleted');
    return EXIT.refused;
  }
  const removed: Removal[] = [];
  for (const { kind, id } of dryRun ? [] : possible) {
    try {
      removed.push(await client.remove({ kind, id }));
    } catch (error) {
      if (!(error instanceof ProblemError) || error.problem.status !== 409) throw error;
      if (!json) io.err(error.message);
      refused.push(await client.removal({ kind, id }));
    }
  }
  if (json) io.out(JSON.stringify(dryRun ? { removals: forecasts } : { removed, refused }));
  else if (dryRun) io.out(`would free ${freed(possible)} of ${possible.length}; nothing was deleted`);
  else
    io.out(`${removed.length} deleted, ${freed(removed)} freed${refused.length > 0 ? `, ${refused.length} kept` : ''}`);
  return refused.length > 0 ? EXIT.notFound : EXIT.ok;
}

async function isConfirmed(io: CommandIo, removals: readonly Removal[]): Promise<boolean> {
  const what = `${removals.length} ${removals.length === 1 ? 'item' : 'items'}, ${freed(removals)}`;
  const answer = await io.confirm(`Delete ${what}, for good?`);
  if (answer !== null) return answer;
  const message = 'must be given where nobody can be asked; --dry-run shows what would go';
  throw new RefusedInputError('nothing was deleted', [{ path: '--yes', message }]);
}

function removalText(removal: Removal): string {
  const { kind, id, name, freedBytes, stores, numCheckpoints, evaluations, runs, kept, losses, obstacles } = removal;
  const parts = [
    ...(runs.length > 0 ? [`${runs.length} runs`] : []),
    `${numCheckpoints} checkpoints`,
    ...(evaluations.length > 0 ? [`${evaluations.length} evaluations`] : []),
    formatBytes(freedBytes),
  ];
  const head =
    obstacles.length > 0
      ? `${kind} ${id} stays: ${printable(name)}`
      : `${kind} ${id} goes: ${printable(name)} (${parts.join(', ')})`;
  return [
    head,
    ...obstacles.map((line) => `  ${printable(line)}`),
    ...kept.map(({ file, usedBy }) => `  stays: ${printable(file)}, needed by ${printable(usedBy)}`),
    ...stores.map((address) => `  with ${printable(address)}`),
    ...losses.map((line) => `  ${printable(line)}`),
  ].join('\n');
}

function freed(removals: readonly Removal[]): string {
  return formatBytes(removals.reduce((sum, { freedBytes }) => sum + freedBytes, 0));
}
