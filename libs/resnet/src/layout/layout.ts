/**
 * Where each tensor lies in the flat vectors that engines, parameter servers and checkpoints exchange.
 *
 * parameters: [kernels | gamma, beta, biases | what is frozen], network order in each part.
 * momentum: the parameters that are trained, i.e. the parameter vector without its frozen end.
 * statistics: running mean and running variance of each batch normalisation, network order (mean, then variance); those
 * of frozen ones at the end.
 * gradient vector: [gradients, as momentum | batch mean and unbiased batch variance of what is trained, as statistics |
 * 4 scalars]. So what is frozen costs neither traffic nor an update.
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
  /** A kernel: in the first part of the vector, unless it is frozen. */
  readonly isKernel: boolean;
  /** Never changed by training. */
  readonly isFrozen: boolean;
  /** Place among all parameters of the network with nothing frozen: its initial numbers depend on this and the seed. */
  readonly seedIndex: number;
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
  readonly isFrozen: boolean;
}

export interface VectorLayout {
  readonly parameters: readonly ParameterEntry[];
  readonly numParameters: number;
  /** Parameters that are trained: the first ones of the vector. All, unless parts are frozen. */
  readonly numTrained: number;
  /** The first numKernelElements elements are kernels that are trained; by default weight decay applies to them alone. */
  readonly numKernelElements: number;
  readonly statistics: readonly StatisticsEntry[];
  readonly numStatistics: number;
  /** Statistics of batch normalisations that are trained: the first ones of the vector. */
  readonly numTrainedStatistics: number;
  /** numTrained + numTrainedStatistics + 4. */
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
