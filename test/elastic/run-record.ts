import { stepsPerEpoch, totalSteps, samplesInStep, type Evaluation, type StepMetrics } from '#contracts';
import type { TrainingSnapshot } from '#training';
import { stateDigest } from '../simulation/model/engine.js';
import type { RunShape } from '../simulation/model/run-shape.js';

interface Applied {
  readonly root: number;
  readonly after: number;
}

/** What an undisturbed run of a shape commits: its states by digest, each with the root that follows. */
export interface Baseline {
  readonly applied: ReadonlyMap<number, Applied>;
  readonly losses: ReadonlyMap<number, number>;
  readonly evaluations: ReadonlyMap<number, number>;
  readonly finalDigest: number;
}

/** What the coordinator would know of the run, and what must hold of it at every moment. */
export class RunRecord {
  readonly #shape: RunShape;
  readonly #baseline: Baseline | null;
  readonly steps = new Map<number, StepMetrics>();
  readonly evaluations = new Map<number, Evaluation>();
  readonly applied = new Map<number, Applied>();
  checkpoint: TrainingSnapshot | null = null;
  finalDigest: number | null = null;
  readonly faults: string[] = [];

  constructor(shape: RunShape, baseline: Baseline | null) {
    this.#shape = shape;
    this.#baseline = baseline;
  }

  get isFinished(): boolean {
    return this.finalDigest !== null;
  }

  /** A replica has applied a root: the same root on the same state as in the undisturbed run, or something is lost. */
  onApplied(workerId: string, root: number, before: number, after: number): void {
    const expected = (this.#baseline?.applied ?? this.applied).get(before);
    this.applied.set(before, { root, after });
    if (expected === undefined) {
      if (this.#baseline) this.#fault(`${workerId} applied a root to weights that no step of the undisturbed run has`);
    } else if (expected.root !== root) this.#fault(`${workerId} applied a root of other bits, or that of another step`);
    else if (expected.after !== after) this.#fault(`${workerId} made other weights of the same root`);
  }

  onSteps(steps: readonly StepMetrics[]): void {
    for (const step of steps) {
      const held = this.steps.get(step.step);
      if (held !== undefined && held.loss !== step.loss) this.#fault(`step ${step.step} was reported with two losses`);
      if (held === undefined) this.steps.set(step.step, step);
    }
  }

  onEvaluation(evaluation: Evaluation): void {
    const held = this.evaluations.get(evaluation.epoch);
    if (held !== undefined && held.loss !== evaluation.loss)
      this.#fault(`the evaluation of epoch ${evaluation.epoch} has two results`);
    this.evaluations.set(evaluation.epoch, evaluation);
  }

  /** Takes the snapshot. Two writers of one round must have written the same. */
  onCheckpoint(snapshot: TrainingSnapshot): void {
    const held = this.checkpoint;
    if (held?.round === snapshot.round && stateDigest(held.state) !== stateDigest(snapshot.state))
      this.#fault(`the checkpoint before round ${snapshot.round} was written with two contents`);
    if (held === null || held.round <= snapshot.round) this.checkpoint = snapshot;
  }

  onFinished(): void {
    if (this.checkpoint === null) return this.#fault('finished without a checkpoint');
    this.finalDigest = stateDigest(this.checkpoint.state);
  }

  /** What must hold once the run is over. */
  settle(): void {
    const { numbers } = this.#shape;
    for (let step = 1; step <= totalSteps(numbers); step += 1) {
      const samples = this.steps.get(step)?.samples;
      const due = samplesInStep(numbers, (step - 1) % stepsPerEpoch(numbers));
      if (samples === undefined) this.#fault(`step ${step} is missing in the ledger`);
      else if (samples !== due) this.#fault(`step ${step} committed ${samples} samples instead of ${due}`);
    }
    for (let epoch = 0; epoch < numbers.epochs; epoch += 1) {
      const samples = this.evaluations.get(epoch)?.samples;
      if (samples !== numbers.numValidationSamples)
        this.#fault(`the evaluation of epoch ${epoch} saw ${samples ?? 'no'} samples`);
    }
    if (this.#baseline === null) return;
    if (this.finalDigest !== this.#baseline.finalDigest) this.#fault('the last weights have other bits');
    for (const [step, loss] of this.#baseline.losses)
      if (this.steps.get(step)?.loss !== loss) this.#fault(`step ${step} has another loss`);
    for (const [epoch, loss] of this.#baseline.evaluations)
      if (this.evaluations.get(epoch)?.loss !== loss) this.#fault(`the evaluation of epoch ${epoch} has another loss`);
  }

  /** What later runs of this shape are compared with. */
  asBaseline(): Baseline {
    return {
      applied: this.applied,
      losses: new Map([...this.steps].map(([step, { loss }]) => [step, loss])),
      evaluations: new Map([...this.evaluations].map(([epoch, { loss }]) => [epoch, loss])),
      finalDigest: this.finalDigest ?? 0,
    };
  }

  #fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(text);
  }
}
