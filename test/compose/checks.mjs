/** A test that found what makes going on pointless. */
export class StopTest extends Error {}

/** Runs checks one after the other and remembers how each went. */
export class Checks {
  #rows = [];

  /**
   * Runs `body`; the text it returns is shown beside the check, what it throws makes it fail. Returns whether it passed.
   * Once `signal` is aborted nothing is checked any more.
   */
  async check(name, body, signal) {
    signal.throwIfAborted();
    const begun = Date.now();
    let isPassed = true;
    let detail;
    try {
      detail = (await body()) ?? '';
    } catch (error) {
      signal.throwIfAborted();
      isPassed = false;
      detail = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
    }
    const seconds = (Date.now() - begun) / 1000;
    this.#rows.push({ name, isPassed, detail, seconds });
    console.error(`${isPassed ? 'passed' : 'FAILED'}: ${name}${detail ? ` (${detail})` : ''}`);
    return isPassed;
  }

  /** As `check`, for what the rest builds on. */
  async require(name, body, signal) {
    if (!(await this.check(name, body, signal))) throw new StopTest(`${name}: the rest cannot be checked`);
  }

  /** Notes a failure outside of any check. */
  fail(name, detail) {
    this.#rows.push({ name, isPassed: false, detail, seconds: 0 });
  }

  get numFailed() {
    return this.#rows.filter(({ isPassed }) => !isPassed).length;
  }

  /** The table and, as its last line, `N passed, N failed`. */
  report() {
    const width = Math.max(0, ...this.#rows.map(({ name }) => name.length));
    const lines = this.#rows.map(({ name, isPassed, detail, seconds }) =>
      [isPassed ? 'passed' : 'FAILED', name.padEnd(width), `${seconds.toFixed(1).padStart(6)} s`, detail]
        .join('  ')
        .trimEnd(),
    );
    return [...lines, `${this.#rows.length - this.numFailed} passed, ${this.numFailed} failed`].join('\n');
  }
}

/** @throws Error that names both values where they differ. */
export function expectEqual(actual, expected, what) {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (got !== wanted) throw new Error(`${what} is ${got}, not ${wanted}`);
}
