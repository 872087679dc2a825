/**
 * Where each tensor lies in the flat vectors that engines, parameter servers and checkpoints exchange.
 *
 * parameters and momentum: [kernels | gamma, beta, biases], network order in each part.
 * statistics: running mean and running variance of each batch normalisation, network order (mean, then variance).
 * gradient vector: [gradients, as parameters | batch mean and unbiased batch variance, as statistics | 4 scalars].
 */
export interface ParameterEntry {
  /** torchvision state-dict key, e.g. `layer1.0.conv1.weight`. */
  readonly name: string;
  readonly role: 'convolution' | 'gamma' | 'beta' | 'dense-kernel' | 'dense-bias' | 'gate-bias';
  /** Engine layout: convolution HWIO, dense kernel [in, out]. */
  readonly shape: readonly number[];
  /** PyTorch layout: convolution OIHW, dense kernel [out, in]. */
  readonly torchShape: readonly number[];
  readonly offset: number;
  readonly length: number;
  /** A kernel: in the first part of the vector. */
  readonly isKernel: boolean;
  /** A gamma that starts at 0 instead of 1. */
  readonly startsAtZero?: true;
  /** A kernel that starts from N(0, 2 / fan-in) instead of N(0, 2 / fan-out). */
  readonly startsByFanIn?: true;
  /** A head's kernel that starts from N(0, startsNormal²) instead of U(±1/√inputs). */
  readonly startsNormal?: number;
  /** Where all numbers of a gate's bias, or of a bias beside a normal kernel, start. */
  readonly startsAt?: number;
}

export interface StatisticsEntry {
  /** torchvision state-dict key, e.g. `bn1.running_mean`. */
  readonly name: string;
  readonly kind: 'mean' | 'variance';
  readonly offset: number;
  readonly length: number;
}

export interface VectorLayout {
  readonly parameters: readonly ParameterEntry[];
  readonly numParameters: number;
  /** The first numKernelElements elements are kernels; by default weight decay applies to them alone. */
  readonly numKernelElements: number;
  readonly statistics: readonly StatisticsEntry[];
  readonly numStatistics: number;
  /** numParameters + numStatistics + 4. */
  readonly vectorLength: number;
  /** Positions of the scalars in the gradient vector; all are sums over lanes. */
  readonly scalars: {
    /** Cross-entropy divided by the global batch: the sum over lanes is the mean loss. */
    readonly loss: number;
    readonly correct: number;
    readonly samples: number;
    /** Kept at 0. */
    readonly reserved: number;
  };
}
