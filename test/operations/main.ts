/** `npm run test:operations`: what operators put around a stack and what befalls it there, with the real programs. */
import { z } from 'zod';
import { readOptions } from '../support/read-options.js';
import { ensurePackages } from './debian-packages.js';
import { Operation } from './operation.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';

const HELP = `Usage: npm run test:operations -- [options]

Plays scenarios of operation with real programs; Debian packages that are missing are installed where this may be done (root
and apt-get), else the scenario is skipped. Some 20 s a scenario.

  --only NAME,…   scenarios whose name contains one of these
  --json          one JSON line last
  --help

Scenarios:
${SCENARIOS.map(({ name, about }) => `  ${name}: ${about}`).join('\n')}

Exit codes: 0 none failed, 1 some did, 2 bad usage.`;

const schema = z.object({ only: z.string().default(''), json: z.boolean().default(false) });

interface Outcome {
  readonly scenario: string;
  /** Null: skipped. */
  readonly isPassed: boolean | null;
  readonly seconds: number;
  readonly message: string;
}

const say = (line: string): void => console.error(line);

async function play(scenario: Scenario): Promise<Omit<Outcome, 'scenario' | 'seconds'>> {
  const why = await ensurePackages(scenario.packages, say);
  if (why !== undefined) return { isPassed: null, message: why };
  await using operation = await Operation.begin((line) => say(`  ${line}`));
  try {
    await scenario.run(operation);
    return { isPassed: true, message: '' };
  } catch (error) {
    say(await operation.tails());
    return { isPassed: false, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
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

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), { help: HELP, schema });
  if (options === null) return process.exitCode === 2 ? 2 : 0;
  const names = options.only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !SCENARIOS.some((scenario) => scenario.name.includes(name)));
  if (unknown.length > 0) {
    say(`--only: no scenario's name contains ${unknown.join(', ')}. See --help.`);
    return 2;
  }
  const outcomes: Outcome[] = [];
  for (const scenario of SCENARIOS) {
    if (names.some((name) => scenario.name.includes(name))) outcomes.push(await playTold(scenario));
  }
  const count = (wanted: boolean | null): number => outcomes.filter(({ isPassed }) => isPassed === wanted).length;
  const [passed, failed, skipped] = [count(true), count(false), count(null)];
  const text = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  console.log(options.json ? JSON.stringify({ passed, failed, skipped, outcomes }) : text);
  return failed === 0 ? 0 : 1;
}

// Whatever was started is ended at exit.
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
process.exitCode = await main();
