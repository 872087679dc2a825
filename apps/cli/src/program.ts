import { Command, type CommanderError } from 'commander';
import type { CommandSetup } from './action/command-io.js';
import { EXIT } from './action/exit-codes.js';
import { benchCommand } from './commands/bench/bench-command.js';
import { dataCommand } from './commands/data/data-command.js';
import { demoCommand } from './commands/demo/demo-command.js';
import { diffCommand } from './commands/diff/diff-command.js';
import { cloneCommand } from './commands/life/clone.js';
import { archiveCommand, noteCommand, renameCommand, tagCommand } from './commands/life/edit.js';
import { removeCommand } from './commands/life/rm.js';
import { retentionCommand } from './commands/life/retention.js';
import { doctorCommand } from './commands/doctor/doctor-command.js';
import { evaluateCommand } from './commands/evaluate/evaluate-command.js';
import { exportCommand } from './commands/export/export-command.js';
import { listCommand } from './commands/ls.js';
import { logsCommand } from './commands/logs/logs-command.js';
import { modelsCommand } from './commands/models/models-command.js';
import { planCommand } from './commands/plan/plan-command.js';
import { predictCommand } from './commands/predict/predict-command.js';
import { provisionCommand } from './commands/provision.js';
import { recipesCommand } from './commands/recipes.js';
import { showCommand } from './commands/show.js';
import { statusCommand } from './commands/status/status-command.js';
import { steerCommand } from './commands/steer.js';
import { studiesCommand } from './commands/studies/studies-command.js';
import { studyCommand } from './commands/study/study-command.js';
import { submitCommand } from './commands/submit.js';
import { upCommand } from './commands/up.js';
import { verifyCommand } from './commands/verify/verify-command.js';
import { watchCommand } from './commands/watch.js';
import { weightsCommand } from './commands/weights/weights-command.js';
import { workersCommand } from './commands/workers.js';

/** Makes a command of the command line. */
export type CommandMaker = (setup: CommandSetup) => Command;

/** In the order of `--help`. A new command is a file and a line. */
const COMMANDS: readonly CommandMaker[] = [
  upCommand,
  submitCommand,
  watchCommand,
  listCommand,
  showCommand,
  steerCommand('cancel'),
  steerCommand('pause'),
  steerCommand('resume'),
  cloneCommand,
  renameCommand,
  tagCommand,
  noteCommand,
  archiveCommand('archive'),
  archiveCommand('unarchive'),
  removeCommand,
  retentionCommand,
  workersCommand,
  statusCommand,
  logsCommand,
  weightsCommand,
  verifyCommand,
  diffCommand,
  studiesCommand,
  demoCommand,
  studyCommand,
  doctorCommand,
  modelsCommand,
  recipesCommand,
  planCommand,
  exportCommand,
  evaluateCommand,
  predictCommand,
  benchCommand,
  dataCommand,
  provisionCommand,
];

export interface ProgramSetup extends CommandSetup {
  readonly version: string;
  readonly description: string;
  /** Default: all. */
  readonly commands?: readonly CommandMaker[];
}

/** The command line. Wrong usage ends the process with the code for it. */
export function skiplaneProgram({ version, description, commands = COMMANDS, ...setup }: ProgramSetup): Command {
  const program = new Command('skiplane').description(description).version(version).helpCommand(true);
  for (const make of commands) program.addCommand(make(setup));
  const { io } = setup;
  // Commander's own code for wrong usage is that of a failed run.
  const end = (error: CommanderError): never => io.exit(error.exitCode === 0 ? EXIT.ok : EXIT.refused);
  for (const command of withSubcommands(program)) {
    command
      .exitOverride(end)
      .configureOutput({
        writeOut: (text) => io.out(text.trimEnd()),
        writeErr: (text) => io.err(text.trimEnd()),
      })
      .showHelpAfterError('(--help shows the usage)');
  }
  return program.showHelpAfterError('(skiplane --help lists the commands)');
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
