import type { Command } from 'commander';

/** Which of a run's weights; undefined: the average where the run keeps one. */
export interface EmaFlags {
  readonly ema?: boolean;
}

/** Adds --ema and --no-ema, which mean the same wherever a run's weights are used. */
export function addEmaFlags(command: Command): Command {
  return command
    .option('--ema', 'of a run: the running average of its weights (default: where it keeps one)')
    .option('--no-ema', 'of a run: the weights that training continues from');
}

/** The flag that was given, as the user writes it. */
export function givenEmaFlag({ ema }: EmaFlags): readonly string[] {
  return ema === undefined ? [] : [ema ? '--ema' : '--no-ema'];
}
