import type { Command } from 'commander';
import { processIo } from '../../action/command-io.js';
import { registerDemo } from './demo-command.js';

/** Adds `skiplane demo`: a whole training run on this machine in one command. */
export function registerDemoCommand(program: Command): void {
  // Loaded when it is asked for: the data set's image library and the stack would slow down every other command.
  registerDemo(program, { io: processIo() }, async () => (await import('./this-machine.js')).thisMachine);
}
