import type { Command } from 'commander';
import type { RunChanges, RunView } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT } from '../../action/exit-codes.js';
import { findRun } from '../../api-client/find-run.js';

const RUN = 'id, unique prefix or latest';

interface TagOptions extends ClientFlags {
  readonly remove?: readonly string[];
}

interface NoteOptions extends ClientFlags {
  readonly append: boolean;
}

const ARCHIVE_VERBS = {
  archive: 'put runs that are over away: lists leave them out, the retention never deletes them',
  unarchive: 'list archived runs again',
} as const;

/** `skiplane rename RUN NAME` */
export function renameCommand(setup: CommandSetup): Command {
  return clientCommand('rename', 'give a run another name', 'skiplane rename latest resnet50-baseline')
    .argument('<run>', RUN)
    .argument('<name>', 'letters, digits, space and . : @ - _, at most 100')
    .action((reference: string, name: string, options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const { id } = await findRun(client, reference);
        const run = await client.edit(id, { name });
        tell(setup.io, options, run, `run ${id} is called ${run.spec.name}`);
        return EXIT.ok;
      }),
    );
}

/** `skiplane tag RUN [TAG...] [--remove TAG...]` */
export function tagCommand(setup: CommandSetup): Command {
  return clientCommand(
    'tag',
    'add tags to a run, remove some, or show them; the retention never deletes a run tagged keep',
    'skiplane tag latest baseline keep\nskiplane tag latest --remove baseline',
  )
    .argument('<run>', RUN)
    .argument('[tags...]', 'tags to add; letters, digits and . : @ / + - _')
    .option('--remove <tags...>', 'tags to remove')
    .action((reference: string, added: readonly string[], options: TagOptions) =>
      runClientAction(setup, options, async (client) => {
        const found = await findRun(client, reference);
        const removed = new Set(options.remove);
        const tags = [...new Set([...found.tags, ...added])].filter((tag) => !removed.has(tag));
        const isAsked = added.length > 0 || removed.size > 0;
        const run = isAsked ? await client.edit(found.id, { tags }) : found;
        tell(setup.io, options, run, run.tags.length === 0 ? 'no tags' : run.tags.join(' '));
        return EXIT.ok;
      }),
    );
}

/** `skiplane note RUN [TEXT|-]` */
export function noteCommand(setup: CommandSetup): Command {
  return clientCommand(
    'note',
    'write the notes of a run, or show them',
    'skiplane note latest "Diverged after the warm-up."\nskiplane note latest - < notes.md',
  )
    .argument('<run>', RUN)
    .argument('[text]', 'the new notes, plain text or Markdown; - reads them from stdin, "" removes them')
    .option('--append', 'add the text as a paragraph of its own to the notes that are there', false)
    .action((reference: string, text: string | undefined, options: NoteOptions) =>
      runClientAction(setup, options, async (client) => {
        const found = await findRun(client, reference);
        if (text === undefined) {
          tell(setup.io, options, found, found.notes === '' ? 'no notes' : found.notes);
          return EXIT.ok;
        }
        const given = (text === '-' ? await setup.io.readStdin() : text).trimEnd();
        const isAdded = options.append && found.notes !== '';
        const changes: RunChanges = { notes: isAdded ? `${found.notes}\n\n${given}` : given };
        const run = await client.edit(found.id, changes);
        tell(setup.io, options, run, `notes of run ${run.id}: ${run.notes.length} characters`);
        return EXIT.ok;
      }),
    );
}

/** `skiplane archive RUN...` or `skiplane unarchive RUN...` */
export function archiveCommand(verb: keyof typeof ARCHIVE_VERBS): (setup: CommandSetup) => Command {
  return (setup) =>
    clientCommand(verb, ARCHIVE_VERBS[verb], `skiplane ${verb} latest`)
      .argument('<runs...>', RUN)
      .action((references: readonly string[], options: ClientFlags) =>
        runClientAction(setup, options, async (client) => {
          const found: RunView[] = [];
          for (const reference of references) found.push(await findRun(client, reference));
          const runs: RunView[] = [];
          for (const { id } of found) runs.push(await client.edit(id, { isArchived: verb === 'archive' }));
          const words = runs.map(({ id }) => `run ${id} is ${verb}d`);
          setup.io.out(options.json ? JSON.stringify({ runs }) : words.join('\n'));
          return EXIT.ok;
        }),
      );
}

function tell(io: CommandIo, { json }: ClientFlags, run: RunView, words: string): void {
  io.out(json ? JSON.stringify(run) : words);
}
