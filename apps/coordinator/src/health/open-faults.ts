import { Inject, Injectable } from '@nestjs/common';
import type { Fault } from '#contracts';
import { CLOCK } from '../config/settings.js';
import { FAULT_KINDS, type FaultKindName } from './fault-kinds.js';

/** A fault as whoever meets it says it. */
export interface FaultFound {
  readonly kind: FaultKindName;
  /** Default: the coordinator. */
  readonly subject?: string | undefined;
  /** What is wrong, in words. */
  readonly message: string;
}

/** Something that is wrong for as long as it is open. */
export interface OpenFault extends Fault {
  readonly kind: FaultKindName;
}

const OWN_SUBJECT = 'coordinator';

/** What is wrong now, one fault a kind and subject. Whoever meets a fault raises it, and clears it when the same thing works again. */
@Injectable()
export class OpenFaults {
  readonly #faults = new Map<string, OpenFault>();
  readonly #clock: () => number;

  constructor(@Inject(CLOCK) clock: () => number) {
    this.#clock = clock;
  }

  /** A fault that is raised again keeps its time. Returns whether it is news. */
  raise({ kind, subject = OWN_SUBJECT, message }: FaultFound): boolean {
    const key = keyOf(kind, subject);
    const known = this.#faults.get(key);
    this.#faults.set(key, openFault({ kind, subject, message }, known?.since ?? this.#clock()));
    return known?.message !== message;
  }

  /** Returns whether it was open. */
  clear(kind: FaultKindName, subject: string = OWN_SUBJECT): boolean {
    return this.#faults.delete(keyOf(kind, subject));
  }

  /** Has of these kinds exactly those open that were found. Returns those that were not open before. */
  settle(kinds: readonly FaultKindName[], found: readonly FaultFound[]): readonly FaultFound[] {
    const news = found.filter(({ kind, subject }) => !this.#faults.has(keyOf(kind, subject ?? OWN_SUBJECT)));
    for (const fault of found) this.raise(fault);
    const kept = new Set(found.map(({ kind, subject }) => keyOf(kind, subject ?? OWN_SUBJECT)));
    for (const [key, { kind }] of this.#faults) if (kinds.includes(kind) && !kept.has(key)) this.#faults.delete(key);
    return news;
  }

  list(): readonly OpenFault[] {
    return [...this.#faults.values()];
  }
}

/** A fault with what holds for all of its kind. `since`: milliseconds since 1970. */
export function openFault({ kind, subject = OWN_SUBJECT, message }: FaultFound, since: number): OpenFault {
  const { severity, advice } = FAULT_KINDS[kind];
  return { kind, subject, message, since, advice, severity };
}

function keyOf(kind: FaultKindName, subject: string): string {
  return JSON.stringify([kind, subject]);
}
