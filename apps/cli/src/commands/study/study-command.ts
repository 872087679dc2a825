import { randomUUID } from 'node:crypto';
import { Option, type Command } from 'commander';
import { clientCommand, makeClient, runClientAction, type ClientFlags } from '../../action/client-command.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { idempotencyKeyOption } from '../../flags/idempotency-key.js';
import { showSubmission } from '../../output/show-submission.js';
import { saveStudy } from './save-study.js';
import { readStudy } from './study-file.js';
import { resultTable } from './study-text.js';
import { studyExitCode, watchStudy } from './watch-study.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import type { StudySpec, StudyView } from '#contracts';
import type { ThisMachine } from '../../local-stack/this-machine.js';

/** What `skiplane study` was asked for. */
export interface StudyOptions extends ClientFlags {
  readonly watch: boolean;
  readonly local: boolean;
  readonly workers: number;
  readonly dataset?: string;
  readonly dataDir: string;
  readonly output?: string;
  readonly idempotencyKey?: string;
}

/** No run got further for so long: a worker that crashes at every start, say. */
const STALL_MS = 300_000;

/** `skiplane study FILE`: submits a study, shows its runs and prints the table of their errors. */
export function studyCommand(
  setup: CommandSetup,
  // Loaded when it is asked for: the data set's image library and the stack would slow down every other command.
  loadMachine: () => Promise<ThisMachine> = async () => (await import('../../local-stack/this-machine.js')).thisMachine,
): Command {
  return clientCommand(
    'study',
    'train a grid of specs and compare them: submit it, watch its runs, print the table of their errors',
    'skiplane study degradation --local -o results\nskiplane study grid.json\nskiplane studies show latest',
  )
    .argument('<file>', 'JSON file that describes the study, - for stdin, or degradation, which is included')
    .option('--no-watch', 'submit only')
    .option('--local', 'install what is missing, start the stack on this machine, stop it at the end', false)
    .option('--workers <n>', 'with --local: worker processes', wholeNumber(1, 256), 1)
    .option('--dataset <folder>', "folder of the data set as the coordinator sees it, instead of the study's")
    .addOption(
      new Option('--data-dir <folder>', 'where the shapes data set is drawn, and with --local runs are recorded')
        .env('SKIPLANE_DATA_DIR')
        .default('./data'),
    )
    .option('-o, --output <folder>', 'write the table (.md, .csv) and the figures (.svg) there')
    .addOption(idempotencyKeyOption('study'))
    .action((file: string, options: StudyOptions) =>
      runClientAction(setup, options, async (client) => {
        const source = await readStudy(file, options.dataset, () => setup.io.readStdin());
        const machine = await loadMachine();
        // A study that comes with Skiplane trains on images that are drawn; where they lie depends on the machine.
        const isDrawn = source.isShipped && options.dataset === undefined;
        using interrupts = setup.io.interrupts();
        const { signal } = interrupts;
        const note = (line: string): void => setup.io.err(line);
        try {
          if (options.local) await machine.provision(note, signal);
          const spec = isDrawn
            ? withPath(source.spec, (await machine.drawShapes(options.dataDir, note, signal)).folder)
            : source.spec;
          if (!options.local) return await conduct(setup, client, spec, options, signal);
          await using stack = await machine.startStack(options, note, signal);
          const local = makeClient(setup, { ...options, url: stack.url });
          const code = await conduct(setup, local, spec, options, signal);
          note('stopping the processes ...');
          return code;
        } catch (error) {
          if (!signal.aborted) throw error;
          return EXIT.interrupted;
        }
      }),
    );
}

function withPath(spec: StudySpec, path: string): StudySpec {
  return { ...spec, base: { ...spec.base, dataset: { ...(spec.base['dataset'] as object), path } } };
}

async function conduct(
  setup: CommandSetup,
  client: SkiplaneClient,
  spec: StudySpec,
  options: StudyOptions,
  signal: AbortSignal,
): Promise<ExitCode> {
  const { io } = setup;
  const key = options.idempotencyKey ?? randomUUID();
  const submitted = await showSubmission(io, key, (waiting) => client.submitStudy(spec, key, waiting));
  if (submitted === null) return EXIT.interrupted;
  const address = `${client.url}/studies/${submitted.id}`;
  io.err(`study ${submitted.id} submitted: ${submitted.numRuns} runs; ${address}`);
  if (!options.watch && !options.local) {
    io.out(options.json ? JSON.stringify(submitted) : `show it with: skiplane studies show ${submitted.id}`);
    return EXIT.ok;
  }
  const study = await watched(setup, client, submitted.id, options, signal);
  const result = await client.studyTable(study.id);
  if (options.output !== undefined) {
    for (const path of await saveStudy(client, study, options.output)) io.err(`written: ${path}`);
  }
  io.out(options.json ? JSON.stringify(result) : resultTable(result));
  return studyExitCode(study);
}

/** Ctrl-C leaves the study running where the coordinator does, and cancels it where both go down. */
async function watched(
  setup: CommandSetup,
  client: SkiplaneClient,
  id: string,
  options: StudyOptions,
  signal: AbortSignal,
): Promise<StudyView> {
  const pollMs = setup.retryDelayMs;
  try {
    return await watchStudy(client, id, setup.io, {
      signal,
      ...(options.local ? { stallMs: STALL_MS } : {}),
      ...(pollMs === undefined ? {} : { pollMs }),
    });
  } catch (error) {
    if (options.local) {
      await client.cancelStudy(id).catch((failure: unknown) => {
        setup.io.err(`study ${id} could not be cancelled: ${String(failure)}`);
      });
    } else if (signal.aborted) {
      setup.io.err(`detached: the study goes on. Look at it with: skiplane studies show ${id}`);
    }
    throw error;
  }
}
