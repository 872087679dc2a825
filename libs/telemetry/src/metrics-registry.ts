import { collectDefaultMetrics, Registry } from 'prom-client';

/** A Prometheus registry of one process: its own counters plus Node's (memory, event loop, garbage collection). */
export function createMetricsRegistry(service: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  return registry;
}
