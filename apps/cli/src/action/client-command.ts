import { RefusedInputError } from '#contracts';
import { Command, InvalidArgumentError, Option, type CommandOptions } from 'commander';
import type { CommandIo } from './command-io.js';
import { EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { SkiplaneClient } from '../api-client/skiplane-client.js';

/** Options that every command of the client has. */
export interface ClientOptions {
  readonly url: string;
  readonly apiKey?: string;
  readonly json: boolean;
}

/** Wiring of one command into the program. */
export interface ClientCommandSetup {
  readonly io: CommandIo;
  /** For tests: shortens the waits of the client. */
  readonly retryDelayMs?: number;
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

/** Adds a command to the program so that wrong usage ends with the code for it. */
export function register(
  program: Command,
  setup: ClientCommandSetup,
  command: Command,
  options: CommandOptions = {},
): void {
  command
    .exitOverride((error) => setup.io.exit(error.exitCode === 0 ? EXIT.ok : EXIT.refused))
    .configureOutput({
      writeOut: (text) => setup.io.out(text.trimEnd()),
      writeErr: (text) => setup.io.err(text.trimEnd()),
    })
    .showHelpAfterError('(--help shows the usage)');
  program.addCommand(command, options);
}

/** Runs a command's work with a client and turns its end, good or bad, into words and the exit code. */
export async function runClientCommand(
  setup: ClientCommandSetup,
  options: ClientOptions,
  work: (client: SkiplaneClient) => Promise<ExitCode>,
): Promise<void> {
  const { io, retryDelayMs } = setup;
  try {
    refuseLogin(options.url);
    const client = new SkiplaneClient({
      url: options.url,
      apiKey: options.apiKey,
      ...(retryDelayMs === undefined ? {} : { retryDelayMs }),
    });
    io.setExitCode(await work(client));
  } catch (error) {
    const failure = describeFailure(error);
    io.err(options.json ? JSON.stringify(failure.json) : `skiplane: ${failure.text}`);
    io.setExitCode(failure.exitCode);
  }
}

/** A whole number from `minimum` to `maximum`, for commander's argParser. */
export function wholeNumber(minimum: number, maximum = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
      const range = maximum === Number.MAX_SAFE_INTEGER ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`;
      throw new InvalidArgumentError(`Expected a whole number ${range}.`);
    }
    return value;
  };
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
