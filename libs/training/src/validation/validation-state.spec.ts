import { describe, expect, it } from '@jest/globals';
import { INITIAL_VALIDATION_STATE, type RunSpec, type StopWhen, type ValidationState } from '#contracts';
import { reduceValidation } from './validation-state.js';

const EPOCHS = 10;
const ROUNDS_PER_EPOCH = 6;

interface Figures {
  readonly accuracy: number;
  readonly loss?: number;
  readonly top5Accuracy?: number;
}

/** The states after the evaluations of a run, epoch by epoch. */
function statesOf(
  evaluations: readonly Figures[],
  { stopWhen, bestBy }: { readonly stopWhen?: StopWhen; readonly bestBy?: RunSpec['checkpoint']['bestBy'] } = {},
): ValidationState[] {
  const rules = { checkpoint: { everySteps: 1, keep: 'best' as const, bestBy }, stopWhen };
  let state = INITIAL_VALIDATION_STATE;
  return evaluations.map(({ loss = 1, ...figures }, epoch) => {
    const round = epoch * ROUNDS_PER_EPOCH + ROUNDS_PER_EPOCH - 1;
    const evaluation = { epoch, step: (epoch + 1) * 5, loss, ...figures };
    state = reduceValidation(rules, state, { round, evaluation, isLast: epoch + 1 === EPOCHS });
    return state;
  });
}

const accuracies = (...values: readonly number[]): Figures[] => values.map((accuracy) => ({ accuracy }));
const bestSteps = (states: readonly ValidationState[]): (number | undefined)[] => states.map(({ best }) => best?.step);
const stopOf = (states: readonly ValidationState[]): ValidationState['stopped'] =>
  states.find(({ stopped }) => stopped !== null)?.stopped ?? null;

describe('what evaluations have shown', () => {
  it('the best is the earliest of equal ones, by the figure that was chosen', () => {
    expect(bestSteps(statesOf(accuracies(0.2, 0.5, 0.5, 0.4, 0.6)))).toEqual([5, 10, 10, 10, 25]);
    const losses = [2, 1, 1, 3].map((loss) => ({ accuracy: 0.1, loss }));
    expect(bestSteps(statesOf(losses, { bestBy: 'loss' }))).toEqual([5, 10, 10, 10]);
    const top5 = [0.5, 0.9, 0.8].map((top5Accuracy) => ({ accuracy: 0.1, top5Accuracy }));
    expect(statesOf(top5, { bestBy: 'top5Accuracy' }).at(-1)?.best).toEqual({
      step: 10,
      figure: 'top5Accuracy',
      value: 0.9,
    });
  });

  it('a figure that is no number is never the best and never a target', () => {
    const states = statesOf(
      [NaN, 1, Infinity, -Infinity].map((loss) => ({ accuracy: 0, loss })),
      {
        bestBy: 'loss',
        stopWhen: { loss: 0.5 },
      },
    );
    expect(bestSteps(states.slice(0, 3))).toEqual([undefined, 10, 10]);
    expect(stopOf(states.slice(0, 3))).toBeNull();
  });

  it('a target is reached by the first figure that is as good', () => {
    expect(stopOf(statesOf(accuracies(0.5, 0.93, 0.95), { stopWhen: { accuracy: 0.93 } }))).toEqual({
      step: 10,
      epoch: 2,
      cause: 'target',
      reason: 'validation accuracy 93.00 % has reached 93.00 %',
    });
    const falling = [2, 1, 0.5].map((loss) => ({ accuracy: 0.1, loss }));
    expect(stopOf(statesOf(falling, { stopWhen: { loss: 0.6 } }))).toMatchObject({ step: 15, cause: 'target' });
    const top5 = [0.5, 0.9].map((top5Accuracy) => ({ accuracy: 0.1, top5Accuracy }));
    expect(stopOf(statesOf(top5, { stopWhen: { top5Accuracy: 0.8 } }))).toMatchObject({ step: 10 });
    expect(stopOf(statesOf(accuracies(0.5, 0.92), { stopWhen: { accuracy: 0.93 } }))).toBeNull();
  });

  it('no improvement is counted from the last figure that was better by more than the difference', () => {
    const rule = (changes: Partial<NonNullable<StopWhen['noImprovement']>>): StopWhen => ({
      noImprovement: { epochs: 2, figure: 'accuracy', minDelta: 0, ...changes },
    });
    expect(stopOf(statesOf(accuracies(0.5, 0.4, 0.6, 0.6, 0.5), { stopWhen: rule({}) }))).toEqual({
      step: 25,
      epoch: 5,
      cause: 'no-improvement',
      reason: 'validation accuracy has not improved for 2 epochs, the best is 60.00 %',
    });
    // Small steps count as none, and do not become what the next is compared with.
    const creeping = accuracies(0.5, 0.5625, 0.625);
    expect(stopOf(statesOf(creeping, { stopWhen: rule({ minDelta: 0.125 }) }))).toMatchObject({ step: 15 });
    expect(stopOf(statesOf(creeping, { stopWhen: rule({ minDelta: 0.1 }) }))).toBeNull();
    const losses = [1, 1, 1].map((loss) => ({ accuracy: 0.1, loss }));
    expect(stopOf(statesOf(losses, { stopWhen: rule({ figure: 'loss' }) }))).toMatchObject({ step: 15 });
  });

  it('the last epoch has nothing to stop', () => {
    const reached = [...Array.from({ length: EPOCHS - 1 }, () => 0.1), 0.95];
    expect(stopOf(statesOf(accuracies(...reached), { stopWhen: { accuracy: 0.9 } }))).toBeNull();
  });

  it('an evaluation that was taken in counts once', () => {
    const stopWhen: StopWhen = { noImprovement: { epochs: 3, figure: 'accuracy', minDelta: 0 } };
    const rules = { checkpoint: { everySteps: 1, keep: 'best' as const }, stopWhen };
    const [, second] = statesOf(accuracies(0.5, 0.4), { stopWhen });
    const again = { round: 11, evaluation: { epoch: 1, step: 10, loss: 1, accuracy: 0.4 }, isLast: false };
    expect(second && reduceValidation(rules, second, again)).toBe(second);
    expect(second?.improvement.numEpochsWithout).toBe(1);
  });
});
