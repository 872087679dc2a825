import { relative } from 'node:path';

const NUM_SLOWEST = 15;

/**
 * Counts of a jest result (`--json`) of the specs below `root`, after the slowest of them and what failed. A file that
 * could not run counts as one failed test, no result as one too.
 */
export function summarize(result, root) {
  if (result === undefined) return { lines: ['jest left no result', '0 passed, 1 failed'], isPassed: false };
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + (result.numTodoTests ?? 0);
  const last = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { lines: [...slowest(result, root), ...failures(result), last], isPassed: failed === 0 && passed > 0 };
}

/** Of one file or of few, each says its own time. */
function slowest({ testResults }, root) {
  if (testResults.length <= NUM_SLOWEST) return [];
  const files = testResults
    .map(({ name, startTime, endTime }) => ({ name: relative(root, name), seconds: (endTime - startTime) / 1000 }))
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, NUM_SLOWEST);
  return ['the slowest files:', ...files.map(({ name, seconds }) => `${seconds.toFixed(1).padStart(7)} s  ${name}`)];
}

/** The names again, so that nobody has to look for them far above. */
function failures(result) {
  return result.testResults.flatMap((file) => {
    const tests = file.assertionResults
      .filter((test) => test.status === 'failed')
      .map((test) => `failed: ${test.fullName}`);
    return file.status === 'failed' && tests.length === 0 ? [`failed to run: ${file.name}`] : tests;
  });
}
