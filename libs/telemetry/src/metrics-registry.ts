import { collectDefaultMetrics, Registry } from 'prom-client';

/** Gauges that prom-client names as counters are; `nodejs_active_resources`, `_handles` and `_requests` tell the same by type. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/**
 * A Prometheus registry of one process: its own metrics plus Node's (memory, event loop, garbage collection). Series carry
 * no label for the process: `job` and `instance` are what whoever scrapes it calls it.
 */
export function createMetricsRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
