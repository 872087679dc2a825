import type { ParticipantTimes } from '#contracts';
import type { ConnectionEvent, ExchangeListener, StateSnapshot } from '../exchange.js';
import type { Participant } from '../wire/frame.schema.js';
import { waitFor } from '../client/wait-for.js';

/** A server that reserves its memory has V8 collect the heap, which is large in a process that runs many specs. */
const WITHIN_MS = 15_000;

/** A listener that keeps what it is told, for tests. */
export class ExchangeRecorder implements ExchangeListener {
  readonly roots = new Map<number, Float32Array<ArrayBuffer>>();
  readonly rootOrder: number[] = [];
  readonly toldTimes = new Map<number, readonly ParticipantTimes[]>();
  readonly connections: ConnectionEvent[] = [];
  /** Times state was asked for. */
  numAsked = 0;
  lastParticipants: readonly Participant[] = [];
  /** What this participant gives to newcomers. */
  provide: (signal: AbortSignal) => Promise<StateSnapshot | null> = async () => Promise.resolve(null);
  readonly #watchers = new Set<() => void>();

  root(round: number, vector: Float32Array<ArrayBuffer>): void {
    this.roots.set(round, vector);
    this.rootOrder.push(round);
    this.#changed();
  }

  participantTimes(round: number, participants: readonly ParticipantTimes[]): void {
    this.toldTimes.set(round, participants);
    this.#changed();
  }

  participants(participants: readonly Participant[]): void {
    this.lastParticipants = participants;
    this.#changed();
  }

  async provideState(signal: AbortSignal): Promise<StateSnapshot | null> {
    const provided = this.provide(signal);
    this.numAsked += 1;
    this.#changed();
    return await provided;
  }

  connection(event: ConnectionEvent): void {
    this.connections.push(event);
    this.#changed();
  }

  /** Waits until the condition holds; fails after 15 s. */
  async until(what: string, isMet: () => boolean): Promise<void> {
    await waitFor(this.#watchers, isMet, { what, timeoutMs: WITHIN_MS });
  }

  async rootOf(round: number): Promise<Float32Array<ArrayBuffer>> {
    await this.until(`root ${round}`, () => this.roots.has(round));
    return this.roots.get(round) ?? new Float32Array(0);
  }

  async untilParticipants(...workerIds: readonly string[]): Promise<void> {
    const wanted = workerIds.join();
    await this.until(
      `participants ${wanted}`,
      () => this.lastParticipants.map(({ workerId }) => workerId).join() === wanted,
    );
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}
