import { Inject, Injectable } from '@nestjs/common';
import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, type GaugeConfiguration, type Registry } from 'prom-client';
import { PHASES, WORKER_STATUSES } from '#contracts';
import { createMetricsRegistry } from '#telemetry';
import { CLOCK } from '../config/settings.js';
import { OpenFaults } from '../health/open-faults.js';
import { ReportReading } from '../reports/report-reading.js';
import { isTraining, type TrainingRun } from '../runs/live-run.js';
import { RunRegistry } from '../runs/run-registry.js';
import { runView } from '../runs/run-view.js';
import { LiveWorkers } from '../workers/live-workers.js';
import { addShardCacheMetrics } from './shard-cache-metrics.js';

/**
 * What /metrics tells. Figures of runs are taken when asked for, and of the runs alone that train now: there are never more
 * of them than workers, however many wait or are over; those are only counted.
 */
@Injectable()
export class Metrics {
  readonly #registry: Registry = createMetricsRegistry();
  readonly #durations: Histogram<'method' | 'route' | 'status'>;

  constructor(
    runs: RunRegistry,
    workers: LiveWorkers,
    reports: ReportReading,
    faults: OpenFaults,
    @Inject(CLOCK) clock: () => number,
  ) {
    const registers = [this.#registry];
    this.#durations = new Histogram({
      name: 'skiplane_http_request_duration_seconds',
      help: 'Time to answer a request; of an event stream, how long it was followed',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    const taken: Counter = new Counter({
      name: 'skiplane_reports_total',
      help: 'Reports of workers taken in since the start',
      registers,
      collect() {
        taken.reset();
        taken.inc(reports.numTaken);
      },
    });
    gauge({
      name: 'skiplane_runs',
      help: 'Runs by state',
      labelNames: ['state'],
      registers,
      collect() {
        for (const [state, numRuns] of runs.numByState()) this.set({ state }, numRuns);
      },
    });
    gauge({
      name: 'skiplane_workers',
      help: 'Workers alive by status',
      labelNames: ['status'],
      registers,
      collect() {
        const alive = workers.alive();
        for (const status of WORKER_STATUSES)
          this.set({ status }, alive.filter((worker) => worker.status === status).length);
      },
    });
    gauge({
      name: 'skiplane_fault',
      help: '1 while something is wrong; GET /v1/health says what to do',
      labelNames: ['kind', 'subject'],
      registers,
      collect() {
        this.reset();
        for (const { kind, subject } of faults.list()) this.set({ kind, subject }, 1);
      },
    });
    gauge({
      name: 'skiplane_worker_phase_seconds',
      help: 'Median time of a phase of the last steps; data and compute of one lane at a time',
      labelNames: ['run', 'worker', 'phase'],
      registers,
      collect() {
        this.reset();
        for (const run of trainingRuns(runs)) {
          for (const { workerId: worker, phases } of run.stragglerReport)
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
        for (const run of trainingRuns(runs)) {
          for (const { workerId: worker, slowness } of run.stragglerReport)
            for (const phase of PHASES) this.set({ run: run.id, worker, phase }, slowness?.phase === phase ? 1 : 0);
        }
      },
    });
    addShardCacheMetrics(this.#registry, () => workers.alive());
    for (const [name, help, field] of RUN_GAUGES) {
      gauge({
        name,
        help,
        labelNames: ['run', 'name'],
        registers,
        collect() {
          this.reset();
          for (const run of trainingRuns(runs)) {
            const value = runView(run, [], clock()).progress[field];
            if (value != null) this.set({ run: run.id, name: run.record.spec.name }, value);
          }
        },
      });
    }
  }

  /** Times every request; the label is the route, not the path, so that ids do not make series. */
  readonly timing: RequestHandler = (request, response, next) => {
    const end = this.#durations.startTimer();
    response.on('finish', () => {
      const found: unknown = request.route;
      const route = typeof found === 'object' && found !== null && 'path' in found ? String(found.path) : 'other';
      end({ method: request.method, route, status: String(response.statusCode) });
    });
    next();
  };

  readonly page: RequestHandler = (_request, response, next) => {
    this.#registry.metrics().then((text) => response.type(this.#registry.contentType).send(text), next);
  };
}

function trainingRuns(runs: RunRegistry): readonly TrainingRun[] {
  return runs
    .unfinished()
    .filter(isTraining)
    .filter(({ record }) => record.state === 'running' || record.state === 'pausing');
}

/** A gauge belongs to the registry that it names; nothing else holds it. */
function gauge<T extends string>(configuration: GaugeConfiguration<T>): Gauge<T> {
  return new Gauge(configuration);
}

const RUN_GAUGES = [
  ['skiplane_run_step', 'Steps committed by a run', 'step'],
  ['skiplane_run_planned_steps', 'Steps a run has to commit', 'totalSteps'],
  ['skiplane_run_loss', 'Training loss of the newest step', 'loss'],
  ['skiplane_run_validation_accuracy_ratio', 'Accuracy, 0 to 1, of the newest evaluation', 'valAccuracy'],
  [
    'skiplane_run_validation_top5_accuracy_ratio',
    'Top-5 accuracy, 0 to 1, of the newest evaluation',
    'valTop5Accuracy',
  ],
  ['skiplane_run_images_per_second', 'Images a run trains on per second', 'imagesPerSecond'],
] as const;
