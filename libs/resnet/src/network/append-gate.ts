import type { Gate } from '#contracts';
import type { NetworkBuilder } from './network-builder.js';

export interface GateOptions {
  readonly gate: Gate;
  /** E.g. `layer2.0.gate`. */
  readonly name: string;
  /** Of the block. */
  readonly stride: number;
  /** Channels that are gated. */
  readonly outChannels: number;
}

/** Appends what a gate is a function of, before bias and squashing; null: of nothing but its bias. */
type GateInput = (builder: NetworkBuilder, from: number, options: GateOptions) => number | null;

/** A gate from the means of the block's input channels. */
const pooled: GateInput = (builder, from, { gate, name, outChannels }) =>
  builder.linear(builder.globalAveragePool(from), name, gate.per === 'layer' ? 1 : outChannels);

/** One line a scope of gates. */
const INPUTS: Readonly<Record<Gate['per'], GateInput>> = {
  element: (builder, from, { gate, name, stride, outChannels }) =>
    builder.convolution(from, name, {
      kernelSize: gate.kernelSize,
      stride,
      padding: (gate.kernelSize - 1) / 2,
      outChannels,
    }),
  channel: pooled,
  layer: pooled,
};

/**
 * Srivastava et al. 2015, section 2: T(x) = squash(W x + b), here with batch-normalised branches around it. Parameters,
 * for C_in and C_out channels: element k*k*C_in*C_out + C_out, channel C_in*C_out + C_out, layer C_in + 1, constant C_out
 * or 1; one vector less without bias. Returns the index of the gate.
 */
export function appendGate(builder: NetworkBuilder, from: number, options: GateOptions): number {
  const { gate, name, outChannels } = options;
  const isConstant = gate.function === 'constant';
  return builder.gate(isConstant ? null : INPUTS[gate.per](builder, from, options), name, {
    channels: gate.per === 'layer' ? 1 : outChannels,
    squash: gate.function === 'hard-sigmoid' ? 'hard-sigmoid' : 'sigmoid',
    initialBias: gate.initialBias,
  });
}
