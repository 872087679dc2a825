import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, type Command } from 'commander';
import { isObject, type CheckpointName, type CloneRequestInput } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';
import { checkpointName } from '../../flags/checkpoint-name.js';
import { idempotencyKeyOption } from '../../flags/idempotency-key.js';
import { showSubmission } from '../../output/show-submission.js';
import { tellSubmitted } from '../../output/tell-submitted.js';

/** A change of a spec as a patch. */
type Patch = Readonly<Record<string, unknown>>;

interface CloneOptions extends ClientFlags {
  readonly set: readonly Patch[];
  readonly name?: string;
  readonly checkpoint?: CheckpointName;
  readonly watch: boolean;
  readonly idempotencyKey?: string;
}

/** `skiplane clone RUN --set PATH=VALUE` */
export function cloneCommand(setup: CommandSetup): Command {
  return clientCommand(
    'clone',
    'submit a new run with the spec of another and changes',
    'skiplane clone latest --set optimizer.learningRate=0.05 --set epochs=20 --name slower --watch\nskiplane clone latest --checkpoint best --set epochs=120',
  )
    .argument('<run>', 'id, unique prefix or latest')
    .option(
      '--set <path=value>',
      'change a field of the spec; the value is JSON or text, null gives the default; may be repeated',
      (text: string, before: readonly Patch[]) => [...before, change(text)],
      [],
    )
    .option('--name <name>', 'name of the new run (default: that of the original with " clone" behind it)')
    .option(
      '--checkpoint <step>',
      'go on from a checkpoint: its step, newest or best (default: begin anew)',
      checkpointName,
    )
    .option('--watch', 'show the progress until the run is over', false)
    .addOption(idempotencyKeyOption('run'))
    .action((reference: string, options: CloneOptions) =>
      runClientAction(setup, options, async (client) => {
        const { io } = setup;
        const { id } = await findRun(client, reference);
        const changes = options.set.reduce<Patch>(joined, {});
        const { name, checkpoint } = options;
        const request: CloneRequestInput = {
          changes,
          ...(name !== undefined && { name }),
          ...(checkpoint !== undefined && { checkpoint }),
        };
        const key = options.idempotencyKey ?? randomUUID();
        const run = await showSubmission(io, key, (waiting) => client.clone(id, request, key, waiting));
        if (run === null) return EXIT.interrupted;
        return tellSubmitted(io, client, run, `run ${run.id} submitted: ${run.spec.name}, a clone of ${id}`, options);
      }),
    );
}

function change(text: string): Patch {
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(0, at)).split('.');
  if (at < 1 || path.includes('')) throw new InvalidArgumentError('Expected PATH=VALUE, such as epochs=20.');
  return path.reduceRight<unknown>((value, name) => ({ [name]: value }), valueOf(text.slice(at + 1))) as Patch;
}

/** JSON where it is JSON, else text. */
function valueOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Two patches as one: of the same field the later. A null stays, as it stands for the default. */
function joined(patch: Patch, later: Patch): Patch {
  const entries = Object.entries(later).map(([name, value]): [string, unknown] => {
    const before = patch[name];
    const isBoth = isObject(before) && isObject(value);
    return [name, isBoth ? joined(before, value) : value];
  });
  return { ...patch, ...Object.fromEntries(entries) };
}
