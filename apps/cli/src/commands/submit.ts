import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { idempotencyKeyOption } from '../flags/idempotency-key.js';
import { showSubmission } from '../output/show-submission.js';
import { readSpec } from '../flags/spec-file.js';
import { tellSubmitted } from '../output/tell-submitted.js';

interface SubmitOptions extends ClientFlags {
  readonly watch: boolean;
  readonly idempotencyKey?: string;
}

/** `skiplane submit FILE|-` */
export function submitCommand(setup: CommandSetup): Command {
  return clientCommand(
    'submit',
    'submit a run from a JSON file',
    'skiplane submit run.json --watch\njq .epochs=2 run.json | skiplane submit -',
  )
    .argument('<file>', 'JSON file that describes the run; - reads it from stdin')
    .option('--watch', 'show the progress until the run is over', false)
    .addOption(idempotencyKeyOption('run'))
    .action((file: string, options: SubmitOptions) =>
      runClientAction(setup, options, async (client) => {
        const { io } = setup;
        const spec = await readSpec(file, () => io.readStdin());
        const key = options.idempotencyKey ?? randomUUID();
        const run = await showSubmission(io, key, (waiting) => client.submit(spec, key, waiting));
        if (run === null) return EXIT.interrupted;
        return tellSubmitted(io, client, run, `run ${run.id} submitted: ${run.spec.name}`, options);
      }),
    );
}
