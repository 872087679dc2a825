import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ParameterServer } from '#parameter-server';
import { silentLogger } from '#telemetry';
import { TestStack } from '../../apps/coordinator/src/testing/test-stack.js';
import { until } from '../../apps/coordinator/src/testing/until.js';
import { serveMetrics } from '../../apps/parameter-server/src/metrics-endpoint.js';

jest.setTimeout(60_000);

/** What Prometheus itself asks with. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
/** Units that are multiples or shares of a base unit. */
const FOREIGN_UNIT = /_(ms|milliseconds|us|minutes|hours|kb|kib|mb|mib|gb|gib|kilobytes|megabytes|percent)(_|$)/;

/** Breaches of Prometheus' naming rules, one line each; `promtool check metrics` knows more of them. */
function namingFaults(text: string): string[] {
  const faults: string[] = [];
  const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  if (types.length === 0) faults.push('there are no metrics');
  for (const [, name = '', type = ''] of types) {
    if (!helped.has(name)) faults.push(`${name} has no help`);
    if ((type === 'counter') !== name.endsWith('_total')) faults.push(`${name} is a ${type}`);
    if (FOREIGN_UNIT.test(name)) faults.push(`${name} is not in a base unit`);
    if (name.endsWith('accuracy')) faults.push(`${name} has no unit`);
  }
  for (const label of ['job', 'instance', 'service']) {
    if (new RegExp(`[{,]${label}="`).test(text)) faults.push(`label ${label} is for whoever scrapes to set`);
  }
  return faults;
}

async function scrape(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics?from=prometheus`, { headers: { Accept: ACCEPT } });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return response.text();
}

describe('metrics of the coordinator', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await TestStack.open();
    await stack.start();
  });
  afterAll(() => stack[Symbol.asyncDispose]());

  it('are named by the rules, and have series of the runs alone that train', async () => {
    stack.fleet.untilRound = 4;
    const [first, second, third] = [await stack.submit(), await stack.submit(), await stack.submit()];
    expect(await scrape(stack.url)).not.toContain('run="');
    await stack.fleet.add('w1');
    await until(
      () => stack.run(first.id),
      ({ progress }) => progress.valAccuracy !== null,
    );
    const text = await scrape(stack.url);
    expect(namingFaults(text)).toEqual([]);
    for (const name of [
      'skiplane_run_step',
      'skiplane_run_planned_steps',
      'skiplane_run_loss',
      'skiplane_run_validation_accuracy_ratio',
    ])
      expect(text).toMatch(new RegExp(`^${name}\\{run="${first.id}",name="[^"]+"\\} [\\d.]+$`, 'm'));
    for (const { id } of [second, third]) expect(text).not.toContain(id);
    expect(text).toMatch(/^skiplane_runs\{state="pending"\} 2$/m);
    expect(Number(/^skiplane_reports_total (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0);
  });
});

describe('metrics of a parameter server', () => {
  it('are named by the rules', async () => {
    const server = new ParameterServer({ host: '127.0.0.1', port: 0, token: null, logger: silentLogger() });
    await server.start();
    const http = await serveMetrics(server, '127.0.0.1', 0);
    const address = http.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    try {
      const text = await scrape(`http://127.0.0.1:${port}`);
      expect(namingFaults(text)).toEqual([]);
      expect(text).toMatch(/^skiplane_parameter_server_received_bytes_total 0$/m);
      expect((await fetch(`http://127.0.0.1:${port}/other`)).status).toBe(404);
    } finally {
      http.closeAllConnections();
      http.close();
      await server.close();
    }
  });
});
