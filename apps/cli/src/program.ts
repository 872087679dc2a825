import { Command, type CommanderError } from 'commander';
import { registerBenchCommand } from './commands/bench/bench-command.js';
import { EXIT, type ExitCode } from './action/exit-codes.js';
import { registerClientCommands } from './commands/client-commands.js';
import { registerDataCommand } from './commands/data/data-command.js';
import { registerDemoCommand } from './commands/demo/index.js';
import { registerDoctorCommand } from './commands/doctor/doctor-command.js';
import { registerEvaluateCommand } from './commands/evaluate/evaluate-command.js';
import { registerExportCommand } from './commands/export/export-command.js';
import { registerModelsCommand } from './commands/models/models-command.js';
import { registerPredictCommand } from './commands/predict/predict-command.js';
import { registerProvisionCommand } from './commands/provision.js';
import { registerRecipesCommand } from './commands/recipes.js';
import { registerStudyCommand } from './commands/study/index.js';
import { registerUpCommand } from './commands/up.js';

export interface ProgramSetup {
  readonly version: string;
  readonly description: string;
  /** Ends the process when the command line itself is at fault, or help was all that was asked for. */
  readonly exit: (code: ExitCode) => never;
}

/** The command line with all of its commands. */
export function skiplaneProgram({ version, description, exit }: ProgramSetup): Command {
  const program = new Command('skiplane')
    .description(description)
    .version(version)
    .showHelpAfterError('(skiplane --help lists the commands)')
    .helpCommand(true);
  registerUpCommand(program);
  registerClientCommands(program);
  registerDemoCommand(program);
  registerStudyCommand(program);
  registerDoctorCommand(program);
  registerModelsCommand(program);
  registerRecipesCommand(program);
  registerExportCommand(program);
  registerEvaluateCommand(program);
  registerPredictCommand(program);
  registerBenchCommand(program);
  registerDataCommand(program);
  registerProvisionCommand(program);
  // Commander's own code for wrong usage is that of a failed run here.
  const end = (error: CommanderError): never => exit(error.exitCode === 0 ? EXIT.ok : EXIT.refused);
  for (const command of withSubcommands(program)) command.exitOverride(end);
  return program;
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
