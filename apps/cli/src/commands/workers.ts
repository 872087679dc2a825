import type { Command } from 'commander';
import { printable, type WorkerHeartbeat } from '#contracts';
import { clientCommand, runClientAction, type ClientFlags } from '../action/client-command.js';
import type { CommandSetup } from '../action/command-io.js';
import { EXIT } from '../action/exit-codes.js';
import { formatAge, formatBytes, formatDuration } from '../output/quantities.js';
import { table } from '../output/table.js';

/** `skiplane workers` */
export function workersCommand(setup: CommandSetup): Command {
  return clientCommand('workers', 'list the workers and what they do', 'skiplane workers').action(
    (options: ClientFlags) =>
      runClientAction(setup, options, async (client) => {
        const answer = await client.workers();
        if (options.json) setup.io.out(JSON.stringify(answer));
        else setup.io.out(answer.workers.length === 0 ? 'no workers' : workerTable(answer.workers, client.now()));
        return EXIT.ok;
      }),
  );
}

function statusOf({ status, reason, clockOffsetMs }: WorkerHeartbeat): string {
  const notes = [
    ...(reason === null ? [] : [reason]),
    ...(clockOffsetMs === undefined ? [] : [`its clock is ${formatOffset(clockOffsetMs)}`]),
  ];
  return notes.length === 0 ? status : `${status} (${notes.join('; ')})`;
}

function formatOffset(offsetMs: number): string {
  return `${formatDuration(Math.abs(offsetMs) / 1000)} ${offsetMs > 0 ? 'ahead' : 'behind'}`;
}

function workerTable(workers: readonly WorkerHeartbeat[], now: number): string {
  return table(
    [
      { title: 'WORKER' },
      { title: 'HOST' },
      { title: 'PID', right: true },
      { title: 'DEVICE' },
      { title: 'STATUS' },
      { title: 'RUN' },
      { title: 'LANES' },
      { title: 'ROUND', right: true },
      { title: 'MEMORY', right: true },
      { title: 'UP SINCE', right: true },
    ],
    workers.map((worker) => [
      printable(worker.workerId),
      printable(worker.host),
      String(worker.pid),
      printable(worker.device),
      printable(statusOf(worker)),
      worker.runId ?? '-',
      worker.lanes.join(',') || '-',
      worker.round === null ? '-' : String(worker.round),
      formatBytes(worker.memoryBytes),
      formatAge(worker.startedAt, now),
    ]),
  );
}
