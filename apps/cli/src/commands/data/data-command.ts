import { Command } from 'commander';
import type { CommandSetup } from '../../action/command-io.js';
import { inspectCommand } from './inspect-command.js';
import { addCommand } from './named/add-command.js';
import { listCommand, removeCommand, showCommand, surveyCommand } from './named/named-commands.js';
import { packCommand } from './pack-command.js';

/** `skiplane data`: what there is to do with data sets, and with their names on a coordinator. */
export function dataCommand(setup: CommandSetup): Command {
  const { io } = setup;
  return new Command('data')
    .description('inspect and pack data sets, and give them names')
    .addCommand(inspectCommand(io))
    .addCommand(packCommand(io))
    .addCommand(addCommand(setup))
    .addCommand(listCommand(setup))
    .addCommand(showCommand(setup))
    .addCommand(surveyCommand(setup))
    .addCommand(removeCommand(setup));
}
