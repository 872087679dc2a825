import { RefusedInputError } from '#contracts';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CommandSetup } from './command-io.js';
import { EXIT_CODES_HELP, type ExitCode } from './exit-codes.js';
import { runAction } from './run-action.js';
import { SkiplaneClient } from '../api-client/skiplane-client.js';

/** Flags of every command that talks to a coordinator. */
export interface ClientFlags {
  readonly url: string;
  readonly apiKey?: string;
  readonly json: boolean;
}

/** A command with the options, help and exit codes that all commands of the client share. */
export function clientCommand(name: string, description: string, example: string): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option('--url <url>', 'address of the coordinator')
        .env('SKIPLANE_URL')
        .default('http://127.0.0.1:3000')
        .argParser(httpUrl),
    )
    .addOption(new Option('--api-key <key>', 'key of the coordinator, if it asks for one').env('SKIPLANE_API_KEY'))
    .option('--json', 'print the result as one line of JSON', false)
    .addHelpText('after', `\nExample:\n${example.replaceAll(/^/gm, '  ')}\n${EXIT_CODES_HELP}`);
}

/** Runs a command's work with a client of the coordinator that its flags name. */
export async function runClientAction(
  setup: CommandSetup,
  flags: ClientFlags,
  work: (client: SkiplaneClient) => Promise<ExitCode>,
): Promise<void> {
  await runAction(setup.io, flags, () => {
    refuseLogin(flags.url);
    return work(makeClient(setup, flags));
  });
}

/** A client of the coordinator at an address. */
export function makeClient(
  { retryDelayMs }: CommandSetup,
  { url, apiKey }: Pick<ClientFlags, 'url' | 'apiKey'>,
): SkiplaneClient {
  return new SkiplaneClient({ url, apiKey, ...(retryDelayMs === undefined ? {} : { retryDelayMs }) });
}

/** Not a task of the option's parser, whose faults repeat what was given. */
function refuseLogin(address: string): void {
  const { username, password } = new URL(address);
  if (username === '' && password === '') return;
  const message = 'must hold no user and no password; the key goes into SKIPLANE_API_KEY';
  throw new RefusedInputError(`the address of the coordinator ${message}`, [{ path: '--url', message }]);
}

function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new InvalidArgumentError('Expected an address such as http://127.0.0.1:3000.');
  }
  return text;
}
