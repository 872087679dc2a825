import type { Command } from 'commander';
import { isLoopback } from '#telemetry';
import { healthSchema, printable, printableMessage, type Fault, type Health } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { UnreachableError } from '../../api-client/api-errors.js';
import { formatAge, formatTime } from '../../output/quantities.js';
import { localStackState, localStackText } from './local-stack-state.js';

/** `skiplane status` */
export function statusCommand(setup: CommandSetup): Command {
  return clientCommand(
    'status',
    'show what is wrong now and what to do about it; code 1 if something is',
    'skiplane status\nskiplane status --json | jq .faults[].kind',
  ).action((flags: ClientFlags) =>
    runClientAction(setup, flags, async (client) => {
      const health = await client.get('/v1/health', healthSchema).catch((error: unknown) => unreachable(error, flags));
      setup.io.out(flags.json ? JSON.stringify(health) : healthText(health, client.url, client.now()));
      return health.status === 'ok' ? EXIT.ok : EXIT.runFailed;
    }),
  );
}

/** Adds what this machine knows of a stack of its own. */
async function unreachable(error: unknown, { url }: ClientFlags): Promise<never> {
  if (!(error instanceof UnreachableError) || !isLoopback(new URL(url).hostname)) throw error;
  const { readStackConfig } = await import('../../local-stack/stack-config.js');
  const state = await localStackState(readStackConfig(process.env).dataDirectory);
  throw new UnreachableError(`${error.message}\n${localStackText(state)}`, { cause: error });
}

function healthText({ status, faults, versions, startedAt }: Health, url: string, now: number): string {
  const workers = `${versions.workers.length} ${versions.workers.length === 1 ? 'worker' : 'workers'}`;
  const head = `${status}: ${url}, version ${versions.coordinator}, up since ${formatTime(startedAt)}, ${workers}`;
  return [head, ...faults.map((fault) => faultText(fault, now))].join('\n');
}

function faultText({ severity, kind, subject, message, since, advice }: Fault, now: number): string {
  const title = `${severity === 'error' ? 'ERROR' : 'WARN '}  ${kind} (${printable(subject)}), since ${formatAge(since, now)}`;
  return `${title}\n       ${printableMessage(message)}\n       -> ${advice}`;
}
