import { z } from 'zod';
import { readOptions } from '../support/read-options.js';
import { ensurePackages } from './debian-packages.js';
import { Operation } from './operation.js';
import type { Scenario } from './scenario.js';

const OPTIONS = `
  --only NAME,…   those whose name contains one of these
  --json          one JSON line last
  --help`;
const EXIT_CODES = 'Exit codes: 0 none failed, 1 some did, 2 bad usage.';

const schema = z.object({ only: z.string().default(''), json: z.boolean().default(false) });

interface Outcome {
  readonly scenario: string;
  /** Null: skipped. */
  readonly isPassed: boolean | null;
  readonly seconds: number;
  readonly message: string;
}

const say = (line: string): void => console.error(line);

/**
 * A program that plays a table of scenarios, or those of them that its command line names, and says how many passed, failed
 * and were skipped. Sets the exit code. Whatever the scenarios started is ended at exit.
 * @param about first lines of `--help`
 */
export async function playScenarios(about: string, scenarios: readonly Scenario[]): Promise<void> {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const table = scenarios.map(({ name, about: words }) => `  ${name}: ${words}`).join('\n');
  const help = `${about}\n${OPTIONS}\n\nScenarios:\n${table}\n\n${EXIT_CODES}`;
  const options = readOptions(process.argv.slice(2), { help, schema });
  if (options === null) return;
  const names = options.only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name.includes(name)));
  if (unknown.length > 0) {
    say(`--only: no scenario's name contains ${unknown.join(', ')}. See --help.`);
    process.exitCode = 2;
    return;
  }
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    if (names.some((name) => scenario.name.includes(name))) outcomes.push(await playTold(scenario));
  }
  const count = (wanted: boolean | null): number => outcomes.filter(({ isPassed }) => isPassed === wanted).length;
  const [passed, failed, skipped] = [count(true), count(false), count(null)];
  const text = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(options.json ? JSON.stringify({ passed, failed, skipped, outcomes }) : text);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function playTold(scenario: Scenario): Promise<Outcome> {
  const start = Date.now();
  const outcome = { scenario: scenario.name, ...(await play(scenario)), seconds: (Date.now() - start) / 1_000 };
  const { isPassed, seconds, message } = outcome;
  const played = isPassed === true ? 'passed' : 'FAILED';
  const word = isPassed === null ? 'skipped' : played;
  say(`${word}: ${scenario.name}, ${seconds.toFixed(1)} s${message && ` (${message})`}`);
  return outcome;
}

async function play(scenario: Scenario): Promise<Omit<Outcome, 'scenario' | 'seconds'>> {
  const { packages, parts = [] } = scenario;
  const needs = [() => ensurePackages(packages, say), ...parts.map((ensure) => () => ensure(say))];
  for (const need of needs) {
    const why = await need();
    if (why !== undefined) return { isPassed: null, message: why };
  }
  await using operation = await Operation.begin((line) => say(`  ${line}`));
  try {
    await scenario.run(operation);
    return { isPassed: true, message: '' };
  } catch (error) {
    say(await operation.tails());
    return { isPassed: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
