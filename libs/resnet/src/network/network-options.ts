import {
  blockTableOf,
  blockTableSchema,
  BOTTLENECK_VARIANTS,
  gateSchema,
  HEAD_INITS,
  KERNEL_INITS,
  modelFaults,
  RefusedInputError,
  SHORTCUT_CHOICES,
  SHORTCUT_PADDINGS,
  type BlockTable,
  type ModelChoices,
} from '#contracts';

/** Which network to build: the fields of a run spec's `model`, which `modelSchema` describes. */
export interface NetworkOptions extends ModelChoices {
  /** Deviation of the kernels' first numbers: 2 / fan-out (default) or 2 / fan-in. */
  readonly kernelInit?: (typeof KERNEL_INITS)[number] | undefined;
  /** What the head starts from; default: uniform, as PyTorch. */
  readonly headInit?: (typeof HEAD_INITS)[number] | undefined;
  /** At least 2. */
  readonly numClasses: number;
  /** Side of the square input in pixels, at least 16. Default: 32 with a 3x3 stem, 224 with a 7x7 stem. */
  readonly imageSize?: number | undefined;
}

/** The blocks of the network that is asked for. Throws RefusedInputError naming every fault. */
export function checkedTable(options: NetworkOptions): BlockTable {
  const faults = modelFaults(options).map(({ path, message }) => ({ path: path.join('.'), message }));
  const table = blockTableOf(options);
  // Types hold for TypeScript alone: a JSON file can say anything.
  const oneOf = (
    path: 'shortcut' | 'shortcutPadding' | 'variant' | 'kernelInit' | 'headInit',
    known: readonly string[],
  ): void => {
    const value = options[path];
    if (value !== undefined && !known.includes(value)) {
      faults.push({ path, message: `must be one of ${known.join(', ')}, not ${value}` });
    }
  };
  oneOf('shortcut', SHORTCUT_CHOICES);
  oneOf('shortcutPadding', SHORTCUT_PADDINGS);
  oneOf('variant', BOTTLENECK_VARIANTS);
  oneOf('kernelInit', KERNEL_INITS);
  oneOf('headInit', HEAD_INITS);
  for (const [path, schema] of [
    ['blocks', blockTableSchema],
    ['gate', gateSchema],
  ] as const) {
    const parsed = options[path] === undefined ? undefined : schema.safeParse(options[path]);
    for (const issue of parsed?.error?.issues ?? []) {
      faults.push({ path: [path, ...issue.path].join('.'), message: issue.message });
    }
  }
  const { numClasses, imageSize, skipSpan } = options;
  const integer = (path: string, value: number, least: number, what = ''): void => {
    if (Number.isSafeInteger(value) && value >= least) return;
    faults.push({ path, message: `must be an integer of at least ${least}${what}, not ${value}` });
  };
  integer('numClasses', numClasses, 2);
  if (imageSize !== undefined) integer('imageSize', imageSize, 16, ' pixels');
  if (skipSpan !== undefined) integer('skipSpan', skipSpan, 1);
  if (table === undefined || faults.length > 0) {
    const list = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new RefusedInputError(`no such network: ${list}`, faults);
  }
  return table;
}
