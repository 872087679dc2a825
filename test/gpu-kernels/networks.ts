import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ARCHITECTURES,
  BOTTLENECK_VARIANTS,
  OPTIMIZERS,
  optimizerSchema,
  PARAMETER_KINDS,
  modelFaults,
  SHORTCUT_PADDINGS,
  SHORTCUT_CHOICES,
} from '#contracts';
import { buildNetwork, freezeParts, type Network } from '#resnet';
import { DEFAULT_STEP_CONFIG, type StepConfig } from '#engine';
import { FROZEN_NETWORKS, TINY_NETWORKS } from '../../libs/engine/src/graph/testing/tiny-networks.js';

type Choices = Omit<Parameters<typeof buildNetwork>[0], 'numClasses'>;

const VARIANTS = JSON.parse(
  readFileSync(join(import.meta.dirname, '..', 'numerics', 'variants.json'), 'utf8'),
) as Record<string, Omit<Choices, 'architecture'>>;

const build = (choices: Choices): Network => buildNetwork({ ...choices, numClasses: 10 });

/** Every shortcut option, padding and variant that the network has. */
function optionsOf(architecture: string): readonly Choices[] {
  const all = [undefined, ...SHORTCUT_CHOICES].flatMap((shortcut) =>
    [undefined, ...SHORTCUT_PADDINGS].flatMap((shortcutPadding) =>
      [undefined, ...BOTTLENECK_VARIANTS].map((variant) => ({ architecture, shortcut, shortcutPadding, variant })),
    ),
  );
  return all.filter((choices) => modelFaults(choices).length === 0);
}

/** Networks by what they show. resnet1202 is left out: it is the same blocks as resnet110's, and takes seconds. */
export const NETWORKS: Readonly<Record<string, () => readonly Network[]>> = {
  'networks with a name': () =>
    ARCHITECTURES.filter((name) => name !== 'resnet1202').map((architecture) => build({ architecture })),
  'shortcut options, paddings and bottleneck variants': () =>
    ['resnet20', 'resnet18', 'resnet50'].flatMap(optionsOf).map(build),
  'custom networks, gates, spans, nested shortcuts': () =>
    Object.values(VARIANTS).map((choices) => build({ architecture: 'custom', ...choices })),
  'each kind of node': () => Object.values(TINY_NETWORKS),
  'frozen parts': () => [
    ...Object.values(FROZEN_NETWORKS),
    freezeParts(build({ architecture: 'resnet18' }), ['stem', 'layer1', 'layer2', 'layer3', 'layer4']),
    freezeParts(build({ architecture: 'resnet50' }), ['stem', 'layer1']),
  ],
};

const BOTH = [false, true] as const;

/** An optimiser's settings by what of the graph they change: each optimiser, what decays, the form, clipping. */
const OPTIMIZER_SETTINGS = Object.keys(OPTIMIZERS).flatMap((kind) =>
  [[], ['kernels'], ['kernels', 'gamma'], PARAMETER_KINDS].flatMap((decayed) =>
    [{}, { clipNorm: 1 }].flatMap((clipping) =>
      (kind === 'sgd' ? BOTH.map((nesterov) => ({ nesterov })) : [{}]).map((form) =>
        optimizerSchema.parse({ kind, decayed, ...clipping, ...form }),
      ),
    ),
  ),
);

/** Each of them with everything on, and the default with every combination of what else a step can be made of. */
export const CONFIGS: readonly StepConfig[] = [
  ...OPTIMIZER_SETTINGS.map((optimizer) => ({
    optimizer,
    precision: 'fp32' as const,
    labelSmoothing: 0.1,
    mixes: true,
    averages: true,
    anySize: true,
  })),
  ...[0, 0.1].flatMap((labelSmoothing) =>
    BOTH.flatMap((mixes) =>
      BOTH.flatMap((averages) =>
        BOTH.map((anySize) => ({ ...DEFAULT_STEP_CONFIG, labelSmoothing, mixes, averages, anySize })),
      ),
    ),
  ),
  ...BOTH.map((anySize) => ({ ...DEFAULT_STEP_CONFIG, precision: 'bf16' as const, anySize })),
];
