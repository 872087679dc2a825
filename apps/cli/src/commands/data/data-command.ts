import { Command } from 'commander';
import type { CommandSetup } from '../../action/command-io.js';
import { inspectCommand } from './inspect-command.js';
import { packCommand } from './pack-command.js';

/** `skiplane data`: what there is to do with data sets. */
export function dataCommand({ io }: CommandSetup): Command {
  return new Command('data')
    .description('inspect and pack data sets')
    .addCommand(inspectCommand(io))
    .addCommand(packCommand(io));
}
