import { createServer, type Server } from 'node:http';
import type { ParameterServer, ParameterServerStats } from '#parameter-server';
import { createMetricsRegistry } from '#telemetry';
import { Counter, Gauge } from 'prom-client';

const GAUGES: Record<keyof ParameterServerStats, string> = {
  connections: 'Open connections',
  runs: 'Runs with at least one participant',
  participants: 'Participants of all runs',
  memoryBytes: 'Bytes of gradients held',
};

const COUNTERS = [
  { key: 'receivedBytes', name: 'received_bytes_total', help: 'Bytes received since the start, headers included' },
  { key: 'sentBytes', name: 'sent_bytes_total', help: 'Bytes sent since the start, headers included' },
  { key: 'sharedBytes', name: 'shared_bytes_total', help: 'Those of both that went through shared memory' },
] as const;

/** Serves Prometheus metrics at /metrics. The caller closes what is returned. */
export async function serveMetrics(server: ParameterServer, host: string, port: number): Promise<Server> {
  const registry = createMetricsRegistry();
  const gauges = Object.entries(GAUGES).map(([name, help]) => {
    const metric = `skiplane_parameter_server_${name.replace('Bytes', '_bytes')}`;
    return { name, gauge: new Gauge({ name: metric, help, registers: [registry] }) };
  });
  const counters = COUNTERS.map(({ key, name, help }) => {
    const metric = `skiplane_parameter_server_${name}`;
    return { key, counter: new Counter({ name: metric, help, registers: [registry] }) };
  });
  const http = createServer((request, response) => {
    // Prometheus may be told to add parameters.
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    const stats = new Map<string, number>(Object.entries(server.stats));
    for (const { name, gauge } of gauges) gauge.set(stats.get(name) ?? 0);
    const { traffic } = server;
    for (const { key, counter } of counters) {
      counter.reset();
      counter.inc(traffic[key]);
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, host, resolve);
  });
  return http;
}
