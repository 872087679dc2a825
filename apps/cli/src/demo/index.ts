import type { Command } from 'commander';
import { processIo } from '../client/command-io.js';
import { registerDemo } from './demo-command.js';
import { thisMachine } from './this-machine.js';

/** Adds `skiplane demo`: a whole training run on this machine in one command. */
export function registerDemoCommand(program: Command): void {
  registerDemo(program, { io: processIo() }, thisMachine);
}
