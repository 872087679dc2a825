import type * as TensorFlowJs from '@tensorflow/tfjs';

/** TensorFlow.js as a value. Layers are given it, so that the graph engine runs without loading it. */
export type Tf = typeof TensorFlowJs;
export type PortableTensor = TensorFlowJs.Tensor;

/** Tensors by state-dict name, in engine layout. */
export type TensorLookup = (name: string) => PortableTensor;

/** What becomes of a batch normalisation: batch statistics (`observe` sees them), or running ones. Frozen: running ones. */
export type NormalizationMode =
  | {
      readonly kind: 'batch';
      readonly observe: (name: string, mean: PortableTensor, unbiasedVariance: PortableTensor) => void;
    }
  | { readonly kind: 'running' };

export interface ConvolutionSettings {
  readonly stride: number;
  /** Pixels on each side. */
  readonly padding: number;
  /** False for the first layer: nobody asks for the gradient of the images. */
  readonly needsInputGradient: boolean;
  /** False for a frozen one. */
  readonly needsKernelGradient: boolean;
}

/** What the forward pass of a layer works with. */
export interface ForwardContext {
  readonly tf: Tf;
  readonly tensors: TensorLookup;
  readonly mode: NormalizationMode;
  /** x_NHWC * kernel_HWIO with symmetric padding, by whatever is fast on the backend. */
  readonly convolve: (
    x: TensorFlowJs.Tensor4D,
    kernel: TensorFlowJs.Tensor4D,
    settings: ConvolutionSettings,
  ) => TensorFlowJs.Tensor4D;
  /** Whether anything that is trained lies before a node, by its index. */
  readonly isNeeded: readonly boolean[];
}
