import type { RequestHandler } from 'express';
import { Gauge, Histogram, type GaugeConfiguration, type Registry } from 'prom-client';
import { PHASES, RUN_STATES, WORKER_STATUSES } from '#contracts';
import { createMetricsRegistry } from '#telemetry';
import type { Coordinator } from '../coordinator.js';
import { runView } from '../runs/run-view.js';

/** What /metrics tells. Figures of runs are taken when asked for; one that is over, or never had workers, is only counted. */
export class Metrics {
  private readonly registry: Registry = createMetricsRegistry('coordinator');
  private readonly durations: Histogram<'method' | 'route' | 'status'>;

  constructor(coordinator: Coordinator) {
    const registers = [this.registry];
    this.durations = new Histogram({
      name: 'skiplane_http_request_duration_seconds',
      help: 'Time to answer a request',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    gauge({
      name: 'skiplane_reports_total',
      help: 'Reports taken in since the start',
      registers,
      collect() {
        this.set(coordinator.numReports);
      },
    });
    gauge({
      name: 'skiplane_runs',
      help: 'Runs by state',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of RUN_STATES) this.set({ state }, coordinator.registry.list(state).length);
      },
    });
    gauge({
      name: 'skiplane_workers',
      help: 'Workers alive by status',
      labelNames: ['status'],
      registers,
      collect() {
        const workers = coordinator.scheduler.workers();
        for (const status of WORKER_STATUSES)
          this.set({ status }, workers.filter((worker) => worker.status === status).length);
      },
    });
    gauge({
      name: 'skiplane_worker_phase_seconds',
      help: 'Median time of a phase of the last steps; data and compute of one lane at a time',
      labelNames: ['run', 'worker', 'phase'],
      registers,
      collect() {
        this.reset();
        for (const run of coordinator.registry.list('running')) {
          for (const { workerId: worker, phases } of run.pace)
            for (const phase of PHASES) this.set({ run: run.id, worker, phase }, phases[phase] / 1_000);
        }
      },
    });
    gauge({
      name: 'skiplane_worker_slow',
      help: '1 in the phase that makes a worker slower than the others of its run, else 0',
      labelNames: ['run', 'worker', 'phase'],
      registers,
      collect() {
        this.reset();
        for (const run of coordinator.registry.list('running')) {
          for (const { workerId: worker, slowness } of run.pace)
            for (const phase of PHASES) this.set({ run: run.id, worker, phase }, slowness?.phase === phase ? 1 : 0);
        }
      },
    });
    for (const [name, help, field] of RUN_GAUGES) {
      gauge({
        name,
        help,
        labelNames: ['run', 'name'],
        registers,
        collect() {
          this.reset();
          for (const run of coordinator.registry.list()) {
            if (run.isOver || run.record.incarnation === 0) continue;
            const value = runView(run, [], coordinator.clock()).progress[field];
            if (value != null) this.set({ run: run.id, name: run.record.spec.name }, value);
          }
        },
      });
    }
  }

  /** Times every request; the label is the route, not the path, so that ids do not make series. */
  readonly timing: RequestHandler = (request, response, next) => {
    const end = this.durations.startTimer();
    response.on('finish', () => {
      const found: unknown = request.route;
      const route = typeof found === 'object' && found !== null && 'path' in found ? String(found.path) : 'other';
      end({ method: request.method, route, status: String(response.statusCode) });
    });
    next();
  };

  readonly page: RequestHandler = (_request, response, next) => {
    this.registry.metrics().then((text) => response.type(this.registry.contentType).send(text), next);
  };
}

/** A gauge belongs to the registry that it names; nothing else holds it. */
function gauge<T extends string>(configuration: GaugeConfiguration<T>): Gauge<T> {
  return new Gauge(configuration);
}

const RUN_GAUGES = [
  ['skiplane_run_step', 'Steps committed by a run', 'step'],
  ['skiplane_run_steps_total', 'Steps a run has to commit', 'totalSteps'],
  ['skiplane_run_loss', 'Training loss of the newest step', 'loss'],
  ['skiplane_run_validation_accuracy', 'Accuracy of the newest evaluation', 'valAccuracy'],
  ['skiplane_run_validation_top5_accuracy', 'Top-5 accuracy of the newest evaluation', 'valTop5Accuracy'],
  ['skiplane_run_images_per_second', 'Images a run trains on per second', 'imagesPerSecond'],
] as const;
