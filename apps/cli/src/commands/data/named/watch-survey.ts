import { setTimeout as delay } from 'node:timers/promises';
import { datasetViewSchema, printable, type DatasetView } from '#contracts';
import type { CommandIo } from '../../../action/command-io.js';
import { EXIT, type ExitCode } from '../../../action/exit-codes.js';
import type { SkiplaneClient } from '../../../api-client/skiplane-client.js';
import { countDisplay } from '../../../output/count-display.js';
import { datasetPath } from './dataset-path.js';

const POLL_MS = 500;
const END_CODES = { ready: EXIT.ok, refused: EXIT.refused, cancelled: EXIT.cancelled, failed: EXIT.runFailed } as const;

/** Shows a survey until it has ended, and says how. Ctrl-C detaches from it: it goes on. */
export async function watchSurvey(
  io: CommandIo,
  client: SkiplaneClient,
  begun: DatasetView,
  { json }: { readonly json: boolean },
): Promise<ExitCode> {
  using interrupts = io.interrupts();
  const { signal } = interrupts;
  let view = begun;
  {
    using display = countDisplay({ terminal: io.terminal, note: (line) => io.err(line) });
    while (view.survey.state === 'waiting' || view.survey.state === 'running') {
      const { survey } = view;
      display.show(() => progressWords(survey));
      await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      view = await client.get(datasetPath(view.name), datasetViewSchema);
    }
  }
  if (json) io.out(JSON.stringify(view));
  const { state } = view.survey;
  if (state === 'waiting' || state === 'running') {
    io.err(`detached: the coordinator goes on with the survey; skiplane data show ${view.name} tells how far it is`);
    return EXIT.interrupted;
  }
  if (!json) io.out(endWords(view));
  return END_CODES[state];
}

function progressWords({ state, message, numSamples, numExpected }: DatasetView['survey']): string {
  if (state === 'waiting') return message;
  const share = numExpected === null || numExpected === 0 ? '' : ` of about ${numExpected.toLocaleString('en-US')}`;
  return `surveying: ${numSamples.toLocaleString('en-US')}${share} images`;
}

function endWords({ name, newest, survey }: DatasetView): string {
  if (survey.state === 'ready' && newest !== null) {
    const { version, numTrainSamples, numValidationSamples, numClasses } = newest;
    const counts = `${numTrainSamples.toLocaleString('en-US')} + ${numValidationSamples.toLocaleString('en-US')} images`;
    return `${name}@${version}: ${counts} of ${numClasses.toLocaleString('en-US')} classes, fit for training`;
  }
  const faults = survey.problem?.errors ?? [];
  const named = faults.map(
    ({ path, message }) => `\n  ${path === '' ? '' : `${printable(path)}: `}${printable(message)}`,
  );
  return `${name}: ${survey.state === 'refused' ? 'not fit for training' : survey.state}: ${printable(survey.message)}${named.join('')}`;
}
