/** Counts of a jest result (`--json`). A file that could not run counts as one failed test, no result as one too. */
export function summarize(result) {
  if (result === undefined) return { lines: ['jest left no result', '0 passed, 1 failed'], isPassed: false };
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + (result.numTodoTests ?? 0);
  const last = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { lines: [...failures(result), last], isPassed: failed === 0 && passed > 0 };
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
