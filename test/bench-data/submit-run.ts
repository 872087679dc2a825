import { randomUUID } from 'node:crypto';
import { runSpecSchema, runViewSchema, type RunSpecInput } from '#contracts';

const WAIT_MS = 300_000;
const POLL_MS = 20;

/**
 * Submits a run of one lane on an image folder and resolves with its id. 202 says that the coordinator still looks at the
 * folder: the same key finds what was taken.
 */
export async function submitRun(url: string, path: string, model: RunSpecInput['model']): Promise<string> {
  const spec = runSpecSchema.parse({
    name: 'large',
    model,
    dataset: { kind: 'image-folder', path },
    lanes: 1,
    laneBatchSize: 8,
    epochs: 1,
    seed: 1,
    optimizer: { learningRate: 0.1 },
  });
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const response = await fetch(`${url}/v1/runs`, { method: 'POST', headers, body: JSON.stringify(spec) });
    const text = await response.text();
    if (response.ok && response.status !== 202) return runViewSchema.parse(JSON.parse(text)).id;
    if (response.status !== 202 || Date.now() > deadline)
      throw new Error(`a submission was answered by ${response.status} ${text}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
