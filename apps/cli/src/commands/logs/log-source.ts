import { join } from 'node:path';
import type { LogList } from '#contracts';
import { findLog, followLog, listLogs, readLogTail, type LogPosition } from '#files';
import { hideSecrets } from '#telemetry';
import { ProblemError } from '../../api-client/api-errors.js';
import { logList, logStream, logTail } from '../../api-client/log-stream.js';
import type { SkiplaneClient } from '../../api-client/skiplane-client.js';

/** Where the lines of logs come from. */
export interface LogSource {
  list(): Promise<LogList>;
  /** The last lines, and how to go on from there. */
  read(
    name: string,
    numLines: number,
  ): Promise<{
    readonly lines: readonly string[];
    /** Throws the signal's reason in the end. */
    readonly follow: (signal: AbortSignal) => AsyncGenerator<readonly string[], void>;
  }>;
}

/** The coordinator's. */
export function remoteLogs(client: SkiplaneClient, onLost: (reason: string) => void): LogSource {
  return {
    list: () => logList(client),
    async read(name, numLines) {
      const { lines, position } = await logTail(client, name, numLines);
      return { lines, follow: (signal) => logStream(client, name, { from: position, signal, onLost }) };
    },
  };
}

/** Those of a stack on this machine whose coordinator does not answer. */
export function localLogs(dataDirectory: string): LogSource {
  const folder = join(dataDirectory, 'logs');
  return {
    list: async () => ({ isKept: true, logs: [...(await listLogs(folder))] }),
    async read(name, numLines) {
      const path = await findLog(folder, name);
      if (path === undefined) {
        const detail = `there is no log ${JSON.stringify(name)} in ${folder}`;
        throw new ProblemError({ type: 'about:blank', title: 'Not found', status: 404, detail });
      }
      const { lines, next } = await readLogTail(path, numLines);
      return { lines: lines.map(hideSecrets), follow: (signal) => localLines(path, next, signal) };
    },
  };
}

async function* localLines(
  path: string,
  from: LogPosition,
  signal: AbortSignal,
): AsyncGenerator<readonly string[], void> {
  for await (const { lines } of followLog(path, { from, signal })) yield lines.map(hideSecrets);
}
