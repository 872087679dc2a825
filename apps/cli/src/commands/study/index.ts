import type { Command } from 'commander';
import { processIo } from '../../action/command-io.js';
import { registerStudy } from './study-command.js';

/** Adds `skiplane study`: a grid of specs, trained and compared. */
export function registerStudyCommand(program: Command): void {
  // Loaded when it is asked for: the data set's image library and the stack would slow down every other command.
  registerStudy(program, { io: processIo() }, async () => (await import('./this-machine.js')).thisMachine);
}
