import type { ServerResponse } from 'node:http';
import { healthSchema, logListSchema, logTailSchema, type Fault, type Health, type LogList } from '#contracts';

/** Logs as a test writes them, each with the streams that follow it. */
export class FixtureLogs {
  readonly #lines = new Map<string, string[]>();
  readonly #streams = new Map<ServerResponse, string>();
  isKept = true;

  write(name: string, line: string): void {
    const lines = [...(this.#lines.get(name) ?? []), line];
    this.#lines.set(name, lines);
    for (const [stream, followed] of this.#streams) if (followed === name) sendLines(stream, [line], lines.length);
  }

  list(): LogList {
    const logs = [...this.#lines].map(([name, lines]) => ({ name, sizeBytes: lines.join('\n').length, modifiedAt: 1 }));
    return logListSchema.parse({ isKept: this.isKept, logs });
  }

  tail(name: string, numLines: number): unknown {
    const lines = this.#lines.get(name) ?? [];
    return logTailSchema.parse({ name, lines: lines.slice(-numLines), position: `${lines.length}.` });
  }

  follow(name: string, from: string, response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    const lines = this.#lines.get(name) ?? [];
    sendLines(response, lines.slice(Number.parseInt(from, 10)), lines.length);
    this.#streams.set(response, name);
    response.on('close', () => this.#streams.delete(response));
  }
}

function sendLines(response: ServerResponse, lines: readonly string[], position: number): void {
  response.write(`event: lines\nid: ${position}.\ndata: ${JSON.stringify(lines)}\n\n`);
}

export function fixtureHealth(faults: readonly Fault[]): Health {
  const isFailing = faults.some(({ severity }) => severity === 'error');
  return healthSchema.parse({
    status: isFailing ? 'failing' : faults.length > 0 ? 'degraded' : 'ok',
    faults,
    versions: { coordinator: '1.0.0', workers: [], parameterServers: [] },
    startedAt: 1,
    now: Date.now(),
  });
}
