import type { Response } from 'express';
import type { RunEvent, RunView, StepMetrics } from '#contracts';

const KEEP_ALIVE_MS = 15_000;
/** A reader that takes nothing while so much gathers is cut off; it comes back with Last-Event-ID. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

/** Server-sent events to one reader. */
export class EventStream {
  readonly #response: Response;
  readonly #keepAlive: NodeJS.Timeout;

  constructor(response: Response) {
    this.#response = response;

    response.status(200).set({
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-cache, no-transform',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    response.write('retry: 1000\n\n');
    this.#keepAlive = setInterval(() => this.#write(': keep-alive\n\n'), KEEP_ALIVE_MS);
    response.on('close', () => clearInterval(this.#keepAlive));
    response.on('error', () => clearInterval(this.#keepAlive));
  }

  journal(events: readonly RunEvent[]): void {
    for (const event of events) this.send('journal', event, String(event.id));
  }

  progress(view: RunView, steps: readonly StepMetrics[]): void {
    if (steps.length > 0) this.#write(`event: steps\ndata: ${JSON.stringify(steps)}\n\n`);
    this.#write(`event: progress\ndata: ${JSON.stringify(view)}\n\n`);
  }

  /** `data` goes as JSON; a reader that was cut off names the last id it got. */
  send(event: string, data: unknown, id: string): void {
    this.#write(`event: ${event}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  onClose(then: () => void): void {
    this.#response.on('close', then);
  }

  end(): void {
    clearInterval(this.#keepAlive);
    this.#response.end();
  }

  #write(text: string): void {
    if (this.#response.writableEnded || this.#response.destroyed) return;
    if (this.#response.writableLength > MAX_UNREAD_BYTES) this.#response.destroy();
    else this.#response.write(text);
  }
}
