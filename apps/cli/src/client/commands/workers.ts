import type { Command } from 'commander';
import { printable, type WorkerHeartbeat } from '#contracts';
import { clientCommand, runClientCommand, type ClientCommandSetup, type ClientOptions } from '../client-command.js';
import { EXIT } from '../exit-codes.js';
import { formatAge, formatBytes } from '../quantities.js';
import { table } from '../table.js';

/** `skiplane workers` */
export function workersCommand(setup: ClientCommandSetup): Command {
  return clientCommand('workers', 'list the workers and what they do', 'skiplane workers').action(
    (options: ClientOptions) =>
      runClientCommand(setup, options, async (client) => {
        const answer = await client.workers();
        if (options.json) setup.io.out(JSON.stringify(answer));
        else setup.io.out(answer.workers.length === 0 ? 'no workers' : workerTable(answer.workers, Date.now()));
        return EXIT.ok;
      }),
  );
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
      printable(worker.reason === null ? worker.status : `${worker.status} (${worker.reason})`),
      worker.runId ?? '-',
      worker.lanes.join(',') || '-',
      worker.round === null ? '-' : String(worker.round),
      formatBytes(worker.memoryBytes),
      formatAge(worker.startedAt, now),
    ]),
  );
}
