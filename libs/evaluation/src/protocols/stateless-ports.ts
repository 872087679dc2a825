import type { ReplicaPorts } from '#training';

/** The ports of a replica that trains nothing: its state is empty, and asking it for a gradient is a bug. */
export function statelessPorts(): Pick<ReplicaPorts, 'engines' | 'batches' | 'checkpoints'> {
  const refuse = (): never => {
    throw new Error('an evaluation trains nothing');
  };
  const empty = (): Float32Array<ArrayBuffer> => new Float32Array(0);
  return {
    engines: {
      gradients: refuse,
      evaluate: refuse,
      apply: refuse,
      readState: () => Promise.resolve({ parameters: empty(), momentum: empty(), statistics: empty() }),
      writeState: () => Promise.resolve(),
    },
    batches: { load: refuse, prefetch: refuse, evaluation: refuse },
    checkpoints: { write: refuse },
  };
}
