import type { Command } from 'commander';
import { register, type ClientCommandSetup } from './client-command.js';
import { processIo } from './command-io.js';
import { diffCommand } from './commands/diff.js';
import { listCommand } from './commands/list.js';
import { showCommand } from './commands/show.js';
import { steerCommands } from './commands/steer.js';
import { studiesCommand } from './commands/studies.js';
import { submitCommand } from './commands/submit.js';
import { verifyCommand } from './commands/verify.js';
import { watchCommand } from './commands/watch.js';
import { weightsCommand } from './commands/weights.js';
import { workersCommand } from './commands/workers.js';

/** Adds the commands that talk to a coordinator: submit, watch, ls, show, cancel, pause, resume, workers, weights, verify, diff, studies. */
export function registerClientCommands(program: Command, setup: ClientCommandSetup = { io: processIo() }): void {
  const commands = [
    submitCommand(setup),
    watchCommand(setup),
    listCommand(setup),
    showCommand(setup),
    ...steerCommands(setup),
    workersCommand(setup),
    weightsCommand(setup),
    verifyCommand(setup),
    diffCommand(setup),
  ];
  for (const command of commands) register(program, setup, command);
  program.addCommand(studiesCommand(setup));
}
