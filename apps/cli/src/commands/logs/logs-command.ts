import type { Command } from 'commander';
import { isLoopback } from '#telemetry';
import { MAX_LOG_LINES, printable, type LogList } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../../action/client-command.js';
import type { CommandIo, CommandSetup } from '../../action/command-io.js';
import { EXIT, type ExitCode } from '../../action/exit-codes.js';
import { UnreachableError } from '../../api-client/api-errors.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';
import { wholeNumber } from '../../flags/whole-number.js';
import { formatAge, formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';
import { localLogs, remoteLogs, type LogSource } from './log-source.js';

interface LogsFlags extends ClientFlags {
  readonly follow: boolean;
  readonly lines: number;
}

/** `skiplane logs` */
export function logsCommand(setup: CommandSetup): Command {
  return clientCommand(
    'logs',
    'list the logs of the processes that skiplane up started, or show the end of one',
    'skiplane logs\nskiplane logs worker-1 --follow --lines 50',
  )
    .argument('[name]', 'coordinator, worker-1, parameter-server-1, redis, ... (default: lists them)')
    .option('-f, --follow', 'go on with the lines that are written; Ctrl-C ends it', false)
    .option('-n, --lines <n>', 'number of lines from the end', wholeNumber(0, MAX_LOG_LINES), 200)
    .action((name: string | undefined, flags: LogsFlags) =>
      runClientAction(setup, flags, async (client) => {
        const { io } = setup;
        const source = await logSource(client, flags, io);
        return name === undefined ? list(source, flags, client, io) : show(source, name, flags, io);
      }),
    );
}

/** Where no coordinator answers, the local folder, if this machine has one. */
async function logSource(client: SkiplaneClient, { url }: LogsFlags, io: CommandIo): Promise<LogSource> {
  const remote = remoteLogs(client, (reason) => io.err(`${reason}; trying again`));
  try {
    await remote.list();
    return remote;
  } catch (error) {
    if (!(error instanceof UnreachableError) || !isLoopback(new URL(url).hostname)) throw error;
    const { readStackConfig } = await import('../../local-stack/stack-config.js');
    const { dataDirectory } = readStackConfig(process.env);
    const local = localLogs(dataDirectory);
    if ((await local.list()).logs.length === 0) throw error;
    io.err(`${error.message}; these are the logs in ${dataDirectory}`);
    return local;
  }
}

async function list(source: LogSource, flags: LogsFlags, client: SkiplaneClient, io: CommandIo): Promise<ExitCode> {
  const found = await source.list();
  io.out(flags.json ? JSON.stringify(found) : listText(found, client.now()));
  return EXIT.ok;
}

function listText({ isKept, logs }: LogList, now: number): string {
  if (!isKept) return 'this coordinator was not started by skiplane up: see docker compose logs, or your supervisor';
  return table(
    [{ title: 'NAME' }, { title: 'SIZE', right: true }, { title: 'WRITTEN', right: true }],
    logs.map((log) => [printable(log.name), formatBytes(log.sizeBytes), formatAge(log.modifiedAt, now)]),
  );
}

async function show(source: LogSource, name: string, flags: LogsFlags, io: CommandIo): Promise<ExitCode> {
  const { lines, follow } = await source.read(name, flags.lines);
  const put = (shown: readonly string[]): void => {
    for (const line of shown) io.out(flags.json ? JSON.stringify({ name, line }) : printable(line));
  };
  put(lines);
  if (!flags.follow) return EXIT.ok;
  using wish = io.interrupts();
  try {
    for await (const more of follow(wish.signal)) put(more);
  } catch (error) {
    if (!wish.signal.aborted) throw error;
  }
  return EXIT.interrupted;
}
