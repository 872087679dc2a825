import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { runViewSchema } from '#contracts';
import { runCommand } from '#provision';
import { documentedExample } from '../documented-example.js';
import type { Operation } from '../operation.js';
import type { Scenario } from '../scenario.js';

const PROMTOOL_TIMEOUT_MS = 30_000;

const answerSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** Throws with promtool's findings. */
async function checkByPromtool(operation: Operation, name: string, text: string): Promise<void> {
  const file = join(operation.folder, `${name}.txt`);
  await writeFile(file, text);
  await runCommand('sh', ['-c', `promtool check metrics < ${file} 2>&1`], { timeoutMs: PROMTOOL_TIMEOUT_MS }).catch(
    (error: unknown) => {
      const tail = typeof error === 'object' && error !== null && 'tail' in error ? String(error.tail) : '';
      throw new Error(`promtool on the ${name}'s metrics: ${tail}`, { cause: error });
    },
  );
}

export const prometheus: Scenario = {
  name: 'prometheus',
  about: "a real Prometheus with the documentation's scrape config, and promtool's opinion of the names",
  packages: ['prometheus'],
  async run(operation) {
    const apiKey = operation.secret();
    const [serverPort, port] = [await operation.freePort(), await operation.freePort()];
    const env = { SKIPLANE_API_KEY: apiKey, SKIPLANE_METRICS_PORT: String(serverPort) };
    const stack = await operation.startStack({ env });
    const { url } = stack.stack;
    const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' };
    const body = JSON.stringify(stack.spec({ name: 'scraped', epochs: 500 }));
    const { id } = runViewSchema.parse(await (await fetch(`${url}/v1/runs`, { method: 'POST', headers, body })).json());

    const config = join(operation.folder, 'prometheus.yml');
    const example = await documentedExample('.docs/metrics.md', 'yaml', {
      'THE-API-KEY': apiKey,
      '127.0.0.1:3000': new URL(url).host,
      '127.0.0.1:9070': `127.0.0.1:${serverPort}`,
    });
    await writeFile(config, `global: { scrape_interval: 1s }\n${example}`);
    await runCommand('promtool', ['check', 'config', config], { timeoutMs: PROMTOOL_TIMEOUT_MS });
    await mkdir(join(operation.folder, 'series'));
    const address = `127.0.0.1:${port}`;
    operation.start('prometheus', [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(operation.folder, 'series')}`,
      `--web.listen-address=${address}`,
    ]);
    const query = async (text: string): Promise<z.infer<typeof answerSchema>['data']['result']> => {
      const response = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(text)}`);
      return answerSchema.parse(await response.json()).data.result;
    };
    await operation.until(
      'both to be scraped',
      () => query('up == 1'),
      (up) => up.length === 2,
    );
    const [step] = await operation.until(
      "a run's steps",
      () => query(`skiplane_run_step{run="${id}"} > 0`),
      (found) => found.length === 1,
    );
    if (step?.metric['job'] !== 'skiplane' || step.metric['name'] !== 'scraped')
      throw new Error(`labels: ${JSON.stringify(step?.metric)}`);
    await operation.until(
      "a parameter server's traffic",
      () => query('rate(skiplane_parameter_server_received_bytes_total[10s]) >= 0'),
      (found) => found.length === 1,
    );
    const renamed = await query('{__name__!="",exported_job!=""} or {__name__!="",exported_service!=""}');
    if (renamed.length > 0) throw new Error(`labels that clash: ${JSON.stringify(renamed[0]?.metric)}`);
    await checkByPromtool(operation, 'coordinator', await (await fetch(`${url}/metrics`, { headers })).text());
    await checkByPromtool(
      operation,
      'parameter-server',
      await (await fetch(`http://127.0.0.1:${serverPort}/metrics`)).text(),
    );
  },
};
