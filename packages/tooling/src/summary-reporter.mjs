import { keepFailedTests } from './failed-tests.mjs';

/**
 * Prints `N passed, N failed, N skipped` as the very last line, after jest's own summary; a test file that could not run
 * counts as a failure. Keeps the paths of the files that failed.
 */
export default class SummaryReporter {
  onRunComplete(_contexts, results) {
    const failures = results.testResults.filter(
      ({ numFailingTests, testExecError }) => numFailingTests > 0 || testExecError,
    );
    keepFailedTests(failures.map(({ testFilePath }) => testFilePath));
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.numPendingTests + results.numTodoTests;
    const line = `\n${results.numPassedTests} passed, ${failed} failed, ${skipped} skipped\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}
