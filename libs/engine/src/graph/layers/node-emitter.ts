import type { GraphBuilder, Tensor } from '#tensorflow-graph';
import type { NetworkNode } from '#resnet';

/** A node of the network narrowed to one kind. */
type NodeOf<Kind extends NetworkNode['kind']> = Extract<NetworkNode, { kind: Kind }>;

/** Where emitters put what they find out, and get the weights from. */
export interface EmissionContext {
  readonly graph: GraphBuilder;
  /** Batch statistics and gradients (training), or running statistics and no gradients. */
  readonly mode: 'training' | 'inference';
  /** Whether images have the network's size, or any: then no node's height and width are known. */
  readonly sides: 'own-size' | 'any-size';
  /** A weight by its name in the layout, in the layout's shape. */
  parameter(name: string): Tensor;
  /** Running mean or variance by its name in the layout. */
  statistic(name: string): Tensor;
  /** Training only: what batch normalisation measured. */
  setBatchStatistic(name: string, value: Tensor): void;
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

/** Writes the forward operations of one node; its backward ones follow when asked for. */
export type NodeEmitter<Kind extends NetworkNode['kind']> = (
  context: EmissionContext,
  node: NodeOf<Kind>,
  inputs: readonly NodeInput[],
) => EmittedNode;

/** The one input of a node that has one. */
export function onlyInput(node: NetworkNode, inputs: readonly NodeInput[]): NodeInput {
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) {
    throw new Error(`a ${node.kind} node takes one input, the network gives it ${inputs.length}`);
  }
  return input;
}
