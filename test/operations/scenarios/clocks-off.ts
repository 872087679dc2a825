import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { evaluationViewSchema, predictionSchema, runMetricsSchema } from '#contracts';
import { runCommand } from '#provision';
import type { Scenario } from '../scenario.js';

const HOUR_MS = 3_600_000;
/** What a slow machine may take; an hour it does not. */
const SOON_MS = 5 * 60_000;
const LIBRARIES = '/usr/lib';
const CLI_TIMEOUT_MS = 60_000;

/** Has a process read another clock on the wall: `+1h`. Those that only grow stay as they are. */
async function clockOf(offset: string): Promise<Record<string, string>> {
  const [folder = ''] = (await readdir(LIBRARIES)).filter((name) => name.endsWith('-linux-gnu'));
  const library = join(LIBRARIES, folder, 'faketime', 'libfaketimeMT.so.1');
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1', NO_FAKE_STAT: '1' };
}

export const clocksOff: Scenario = {
  name: 'clocks-off',
  about:
    'the coordinator an hour ahead of Redis, workers an hour ahead and behind: a run, its pause, ages and predictions',
  packages: ['libfaketime'],
  async run(operation) {
    // Coordinator, parameter server and the first worker; Redis and this process keep the right time.
    const stack = await operation.startStack({ env: await clockOf('+1h') });
    await stack.stack.addWorker(await clockOf('-1h'));
    await stack.stack.addWorker(await clockOf('+0'));
    await stack.workersReady(3);
    const isSoon = (at: number): boolean => Math.abs(Date.now() + HOUR_MS - at) < SOON_MS;
    const workers = await stack.workers();
    const offsets = workers.map(({ clockOffsetMs = 0 }) => Math.round(clockOffsetMs / HOUR_MS));
    if (offsets.toSorted((a, b) => a - b).join() !== '-2,-1,0')
      throw new Error(`clocks are off by ${offsets.join()} h`);
    for (const { workerId, at, startedAt } of workers)
      if (!isSoon(at) || !isSoon(startedAt)) throw new Error(`${workerId} was heard at ${at}, started at ${startedAt}`);

    const id = await stack.submit(stack.spec({ workers: { min: 3 } }));
    await stack.atStep(id, 4);
    await stack.post(`/v1/runs/${id}/pause`);
    await stack.until(id, 'the pause', ({ state }) => state === 'paused');
    await stack.post(`/v1/runs/${id}/resume`);
    const view = await operation.endsAsUndisturbed(stack, id);
    // One that began anew lost its workers on the way.
    if (view.incarnation !== 2) throw new Error(`${view.incarnation} incarnations`);
    const metrics = await (await fetch(`${stack.stack.url}/v1/runs/${id}/metrics`)).json();
    const { steps, evaluations } = runMetricsSchema.parse(metrics);
    const wrong = [...steps, ...evaluations, ...view.checkpoints].filter(({ at }) => !isSoon(at));
    if (wrong.length > 0) throw new Error(`${wrong.length} times are off, the first ${wrong[0]?.at}`);

    const evaluating = await stack.post(`/v1/runs/${id}/evaluations`, {});
    const { id: evaluationId } = evaluationViewSchema.parse(await evaluating.json());
    const path = `/v1/runs/${id}/evaluations/${evaluationId}`;
    await operation.until(
      'the evaluation',
      async () => evaluationViewSchema.parse(await (await fetch(stack.stack.url + path)).json()),
      ({ state }) => state === 'finished',
    );
    const image = await sharp({ create: { width: 20, height: 20, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    // Whichever worker is the first: all of them have their turn.
    for (let turn = 0; turn < 6; turn += 1) {
      const body = new Uint8Array(image);
      const answer = await fetch(`${stack.stack.url}/v1/runs/${id}/predict`, { method: 'POST', body });
      predictionSchema.parse(await answer.json());
    }

    const cli = new URL('../../../../apps/cli/bin/skiplane.mjs', import.meta.url).pathname;
    for (const command of ['ls', 'workers']) {
      const args = [cli, command, '--url', stack.stack.url];
      const text = await runCommand(process.execPath, args, { timeoutMs: CLI_TIMEOUT_MS });
      if (/\d h \d\d min ago/.test(text)) throw new Error(`the CLI counts by the wrong clock: ${text}`);
    }
  },
};
