import type { Precision } from '#contracts';
import type { GraphBuilder, Tensor } from '#tensorflow-graph';
import type { LayerKind, NetworkNode, NodeOf } from '#resnet';
import type { ForwardContext, PortableTensor } from '../portable/forward-context.js';

/** What both engines know of one kind of node. */
export interface Layer<Kind extends LayerKind> {
  /** The graph engine: writes the forward operations of one node; its backward ones follow when asked for. */
  readonly emit: (context: EmissionContext, node: NodeOf<Kind>, inputs: readonly NodeInput[]) => EmittedNode;
  /** The portable engine: TensorFlow.js operations, whose own autodiff goes backward. The caller's scope owns the tensors. */
  readonly forward: (context: ForwardContext, node: NodeOf<Kind>, inputs: readonly PortableTensor[]) => PortableTensor;
}

/** The element type of activations, by a run's precision. */
export const COMPUTE_TYPES = { fp32: 'float32', bf16: 'bfloat16' } as const satisfies Record<Precision, string>;
export type ComputeType = (typeof COMPUTE_TYPES)[Precision];

/** Where emitters put what they find out, and get the weights from. */
export interface EmissionContext {
  readonly graph: GraphBuilder;
  /** Batch statistics and gradients (training), or running statistics and no gradients. */
  readonly mode: 'training' | 'inference';
  /** Whether images have the network's size, or any: then no node's height and width are known. */
  readonly sides: 'own-size' | 'any-size';
  /** What convolutions, activations and their gradients are computed in; weights, statistics, head and loss are float32. */
  readonly computeType: ComputeType;
  /** A weight by its name in the layout, in the layout's shape; float32. */
  parameter(name: string): Tensor;
  /** Running mean or variance by its name in the layout. */
  statistic(name: string): Tensor;
  /** Training only: what batch normalisation measured. */
  setBatchStatistic(name: string, value: Tensor): void;
  /** Float32. */
  setGradient(name: string, value: Tensor): void;
}

/** An input of a node: its tensor, and the node it comes from. */
export interface NodeInput {
  readonly tensor: Tensor;
  readonly node: NetworkNode;
  /** False where nothing that is trained lies before: the gradient by this input would be for nobody. */
  readonly needsGradient: boolean;
}

export interface EmittedNode {
  readonly output: Tensor;
  /**
   * Emits the gradients by the inputs, in their order, given the gradient by the output, and sets those of the weights.
   * Inputs whose gradient nobody needs (the image) may be left undefined. A frozen node sets none of its weights.
   */
  readonly backward: (gradient: Tensor) => readonly (Tensor | undefined)[];
}

/** Inputs of a node, as many as its kind takes; throws where the network gives it another number. */
export function takeInputs<Input>(node: NetworkNode, inputs: readonly Input[], names: readonly [string]): [Input];
export function takeInputs<Input>(
  node: NetworkNode,
  inputs: readonly Input[],
  names: readonly [string, string],
): [Input, Input];
export function takeInputs<Input>(
  node: NetworkNode,
  inputs: readonly Input[],
  names: readonly [string, string, string],
): [Input, Input, Input];
export function takeInputs<Input>(
  node: NetworkNode,
  inputs: readonly Input[],
  names: readonly string[],
): readonly Input[] {
  if (inputs.length !== names.length) {
    throw new Error(`a ${node.kind} node takes ${names.join(', ')}; the network gives it ${inputs.length} inputs`);
  }
  return inputs;
}
