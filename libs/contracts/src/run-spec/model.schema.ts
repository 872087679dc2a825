import { z } from 'zod';
import { ARCHITECTURES, blockTableSchema } from './block-table.js';
import { gateSchema } from './gate.schema.js';
import { BOTTLENECK_VARIANTS, HEAD_INITS, KERNEL_INITS, SHORTCUT_CHOICES, SHORTCUT_PADDINGS } from './model-choices.js';
import { isArchitecture, modelFaults, unknownArchitecture } from './model-faults.js';

/** Which network a run trains. Choices that are left out are the paper's or torchvision's, as noted. */
export const modelSchema = z
  .strictObject({
    /**
     * A network of the paper by its name, `resnetN` or `plainN` of any other 6n+2 layers (3x3 stem, stages of 16, 32, 64
     * channels), or `custom`, which `blocks` describes.
     */
    architecture: z
      .string()
      // Here too: what is asked of all fields together is looked at only when each is right by itself.
      .refine(isArchitecture, { error: ({ input }) => unknownArchitecture(String(input)), abort: true })
      .meta({ examples: [...ARCHITECTURES, 'resnet26', 'custom'] }),
    /** The stages of a custom network; refused with any other. */
    blocks: blockTableSchema.optional(),
    /**
     * Shortcut option of the paper, section 3.3. A: zero channels. B: 1x1 projection where the shape changes. C: 1x1
     * projection in every block. none: a plain net. Default: A for nets with a 3x3 stem, B for those with a 7x7 stem.
     */
    shortcut: z.enum(SHORTCUT_CHOICES).optional(),
    /** Where option A puts its zero channels: after the data (default), or half before and half after. */
    shortcutPadding: z.enum(SHORTCUT_PADDINGS).optional(),
    /**
     * Layers under one shortcut of a net of 3x3 convolutions; default 2. A named network keeps its layers and has other
     * blocks, a custom one keeps its blocks and has other layers.
     */
    skipSpan: z.int().min(1).max(100).optional(),
    /** Gates where branch and shortcut join; without it they are added. */
    gate: gateSchema.optional(),
    /** A shortcut over each whole stage as well, added where the stage's last block ends. Default: false. */
    nestedShortcuts: z.boolean().optional(),
    /** Where a bottleneck strides. v1: first 1x1, as in the authors' files. v1.5: the 3x3, as in torchvision (default). */
    variant: z.enum(BOTTLENECK_VARIANTS).optional(),
    /** The last gamma of each block starts at 0 instead of 1 (Goyal et al. 2017, section 5.1). Default: false. */
    zeroInitResidual: z.boolean().optional(),
    /**
     * Kernels start from N(0, 2 / fan) (He et al. 2015, "Delving deep", section 2.2). fan-out (default) keeps the variance
     * of gradients, as the authors' Torch successor and torchvision do; fan-in that of activations.
     */
    kernelInit: z.enum(KERNEL_INITS).optional(),
    /**
     * How the head starts. uniform (default): kernel and bias from U(±1/√inputs), as PyTorch does. normal: N(0, 0.01²) and
     * no bias (Goyal et al. 2017, section 5.1). fan-in: N(0, 2 / inputs) and no bias, as "Delving deep" has its layers.
     */
    headInit: z.enum(HEAD_INITS).optional(),
    numClasses: z.int().min(2).max(100_000),
    /** Side of the square input image in pixels. Default: 32 for nets with a 3x3 stem, 224 for those with a 7x7 stem. */
    imageSize: z.int().min(16).max(1024).optional(),
  })
  .superRefine((model, context) => {
    for (const { path, message } of modelFaults(model)) context.addIssue({ code: 'custom', path: [...path], message });
  });
