/**
 * A Jest runner: first the specs that bear company, as many at once as there are workers, then one by one those whose
 * head says `@alone` and why. A spec that starts processes mostly waits for them, so two share two cores well; one that
 * judges how fast something is, or strikes at a moment, would judge its neighbour too.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { sep } from 'node:path';
import TestRunner from 'jest-runner';

/** The head: a comment before the imports. */
const HEAD_BYTES = 600;

export default class SpecRunner extends TestRunner {
  async runTests(tests, watcher, options) {
    if (options.serial) return super.runTests(tests, watcher, options);
    const alone = tests.filter(({ path }) => isAlone(path));
    const others = tests.filter((test) => !alone.includes(test)).sort((a, b) => weight(b) - weight(a));
    await super.runTests(others, watcher, options);
    if (!watcher.isInterrupted()) await super.runTests(alone, watcher, { ...options, serial: true });
  }
}

/** The longest first, so that no long one is left over for one worker at the end. Those of test/ start whole stacks. */
function weight({ path, duration }) {
  return duration ?? (path.includes(`${sep}test${sep}`) ? 10_000 : 0);
}

function isAlone(path) {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path);
  try {
    return /^\/\*\*[^/]*@alone\b/.test(head.toString('utf8', 0, readSync(file, head)));
  } finally {
    closeSync(file);
  }
}
