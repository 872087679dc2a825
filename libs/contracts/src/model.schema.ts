import { z } from 'zod';

/** CIFAR nets of 6n+2 layers, with the paper's 1202-layer one (section 4.2). */
const CIFAR_RESNETS = ['resnet20', 'resnet32', 'resnet44', 'resnet56', 'resnet110', 'resnet1202'] as const;
/** Table 1, two 3x3 convolutions a block. */
const BASIC_RESNETS = ['resnet18', 'resnet34'] as const;
/** Table 1, blocks of 1x1, 3x3, 1x1. */
const BOTTLENECK_RESNETS = ['resnet50', 'resnet101', 'resnet152'] as const;
/** The same convolutions without shortcuts: what the paper compares with. */
const PLAIN_NETS = ['plain20', 'plain32', 'plain44', 'plain56', 'plain110', 'plain18', 'plain34'] as const;

/** Networks a run can train. */
export const ARCHITECTURES = [...CIFAR_RESNETS, ...BASIC_RESNETS, ...BOTTLENECK_RESNETS, ...PLAIN_NETS] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

export const SHORTCUTS = ['A', 'B', 'C'] as const;
export type Shortcut = (typeof SHORTCUTS)[number];
export const SHORTCUT_PADDINGS = ['after', 'both'] as const;
export const BOTTLENECK_VARIANTS = ['v1', 'v1.5'] as const;

/** The fields of a model that only some networks have. */
interface ModelChoices {
  readonly architecture: Architecture;
  readonly shortcut?: Shortcut | undefined;
  readonly shortcutPadding?: (typeof SHORTCUT_PADDINGS)[number] | undefined;
  readonly variant?: (typeof BOTTLENECK_VARIANTS)[number] | undefined;
  readonly zeroInitResidual?: boolean | undefined;
}

const includes = (list: readonly string[], value: string): boolean => list.includes(value);

/** The shortcut option a network is built with; null: a plain net has no shortcuts. */
export function shortcutOf({ architecture, shortcut }: ModelChoices): Shortcut | null {
  if (includes(PLAIN_NETS, architecture)) return null;
  return shortcut ?? (includes(CIFAR_RESNETS, architecture) ? 'A' : 'B');
}

/** Every choice that means nothing for its network, by path and message. */
export function modelFaults(model: ModelChoices): { readonly path: keyof ModelChoices; readonly message: string }[] {
  const { architecture, variant, shortcutPadding } = model;
  const shortcut = shortcutOf(model);
  const faults: { path: keyof ModelChoices; message: string }[] = [];
  if (shortcut === null && model.shortcut !== undefined) {
    faults.push({ path: 'shortcut', message: `${architecture} is a plain net, it has no shortcuts: leave this out` });
  }
  if (shortcutPadding !== undefined && shortcut !== 'A') {
    const what = shortcut === null ? 'is a plain net' : `has shortcuts of option ${shortcut}`;
    const message = `only option A pads with zeros, ${architecture} ${what}: leave this out`;
    faults.push({ path: 'shortcutPadding', message });
  }
  if (variant !== undefined && !includes(BOTTLENECK_RESNETS, architecture)) {
    const message = `only bottleneck nets (${BOTTLENECK_RESNETS.join(', ')}) have variants, not ${architecture}`;
    faults.push({ path: 'variant', message });
  }
  if (shortcut === null && model.zeroInitResidual === true) {
    const message = `${architecture} is a plain net: without shortcuts its blocks would pass on nothing but zeros`;
    faults.push({ path: 'zeroInitResidual', message });
  }
  return faults;
}

/** Which network a run trains. Choices that are left out are the paper's or torchvision's, as noted. */
export const modelSchema = z
  .strictObject({
    architecture: z.enum(ARCHITECTURES),
    /**
     * Shortcut option of the paper, section 3.3. A: zero channels. B: 1x1 projection where the shape changes. C: 1x1
     * projection in every block. Default: A for CIFAR nets, B for ImageNet nets.
     */
    shortcut: z.enum(SHORTCUTS).optional(),
    /** Where option A puts its zero channels: after the data (default), or half before and half after. */
    shortcutPadding: z.enum(SHORTCUT_PADDINGS).optional(),
    /** Where a bottleneck strides. v1: first 1x1, as in the authors' files. v1.5: the 3x3, as in torchvision (default). */
    variant: z.enum(BOTTLENECK_VARIANTS).optional(),
    /** The last gamma of each block starts at 0 instead of 1 (Goyal et al. 2017, section 5.1). Default: false. */
    zeroInitResidual: z.boolean().optional(),
    numClasses: z.int().min(2).max(100_000),
    /** Side of the square input image in pixels. Default: 32 for CIFAR nets, 224 for ImageNet nets. */
    imageSize: z.int().min(16).max(1024).optional(),
  })
  .superRefine((model, context) => {
    for (const { path, message } of modelFaults(model)) context.addIssue({ code: 'custom', path: [path], message });
  });
