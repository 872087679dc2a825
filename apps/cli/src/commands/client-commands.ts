import type { Command } from 'commander';
import { register, type ClientCommandSetup } from '../action/client-command.js';
import { processIo } from '../action/command-io.js';
import { diffCommand } from './diff/diff-command.js';
import { listCommand } from './ls.js';
import { showCommand } from './show.js';
import { steerCommands } from './steer.js';
import { studiesCommand } from './studies/studies-command.js';
import { submitCommand } from './submit.js';
import { verifyCommand } from './verify/verify-command.js';
import { watchCommand } from './watch.js';
import { weightsCommand } from './weights/weights-command.js';
import { workersCommand } from './workers.js';

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
