import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { clientCommand, runClientCommand, type ClientCommandSetup, type ClientOptions } from '../client-command.js';
import { EXIT } from '../exit-codes.js';
import { readSpec } from '../spec-file.js';
import { watchRun } from '../watch-run.js';

interface SubmitOptions extends ClientOptions {
  readonly watch: boolean;
  readonly idempotencyKey?: string;
}

/** `skiplane submit FILE|-` */
export function submitCommand(setup: ClientCommandSetup): Command {
  return clientCommand(
    'submit',
    'submit a run from a JSON file',
    'skiplane submit run.json --watch\njq .epochs=2 run.json | skiplane submit -',
  )
    .argument('<file>', 'JSON file that describes the run; - reads it from stdin')
    .option('--watch', 'show the progress until the run is over', false)
    .option(
      '--idempotency-key <key>',
      'submitting again with the same key gives the first run back (default: a new one per call)',
      idempotencyKey,
    )
    .action((file: string, options: SubmitOptions) =>
      runClientCommand(setup, options, async (client) => {
        const { io } = setup;
        const spec = await readSpec(file, () => io.readStdin());
        const run = await client.submit(spec, options.idempotencyKey ?? randomUUID());
        if (options.watch) {
          io.err(`run ${run.id} submitted: ${run.spec.name}`);
          return watchRun(client, run.id, io, { json: options.json, journalFrom: 0 });
        }
        io.out(
          options.json
            ? JSON.stringify(run)
            : `run ${run.id} submitted: ${run.spec.name}\nwatch it with: skiplane watch ${run.id}`,
        );
        return EXIT.ok;
      }),
    );
}

function idempotencyKey(text: string): string {
  if (!/^[\x21-\x7e]{1,200}$/.test(text))
    throw new InvalidArgumentError('Expected 1 to 200 printable characters without blanks.');
  return text;
}
