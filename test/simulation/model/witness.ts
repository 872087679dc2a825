interface Applied {
  readonly root: number;
  readonly after: number;
}

/** What an undisturbed run applies: its states by digest, each with the root that follows. */
export type AppliedRoots = ReadonlyMap<number, Applied>;

/** Sees every root that a replica applies: the same root on the same state as in the undisturbed run, or something is lost. */
export class Witness {
  readonly #expected: AppliedRoots | null;
  readonly applied = new Map<number, Applied>();
  readonly faults: string[] = [];

  /** `expected`: null for the undisturbed run itself. */
  constructor(expected: AppliedRoots | null) {
    this.#expected = expected;
  }

  onApplied(workerId: string, root: number, before: number, after: number): void {
    const expected = (this.#expected ?? this.applied).get(before);
    this.applied.set(before, { root, after });
    if (expected === undefined) {
      if (this.#expected) this.#fault(`${workerId} applied a root to weights that no step of the undisturbed run has`);
    } else if (expected.root !== root) this.#fault(`${workerId} applied a root of other bits, or that of another step`);
    else if (expected.after !== after) this.#fault(`${workerId} made other weights of the same root`);
  }

  #fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(text);
  }
}
