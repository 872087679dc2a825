import { Option, type Command } from 'commander';
import { BOTTLENECK_VARIANTS, modelSchema, RefusedInputError, SHORTCUT_PADDINGS, SHORTCUTS } from '#contracts';
import type { NetworkOptions } from '#resnet';
import { wholeNumber } from '../client/client-command.js';

/** The flags that choose a network; all may be left out. */
export type ModelFlags = Partial<Omit<NetworkOptions, 'architecture'>>;

const FLAG_NAMES = {
  shortcut: '--shortcut',
  shortcutPadding: '--shortcut-padding',
  variant: '--variant',
  zeroInitResidual: '--zero-init-residual',
  numClasses: '--num-classes',
  imageSize: '--image-size',
} as const satisfies Record<keyof ModelFlags, string>;

/** Adds the flags of `ModelFlags` to a command. */
export function addModelFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--shortcut <option>', "the paper's option; default: A for CIFAR nets, else B").choices(SHORTCUTS),
    )
    .addOption(
      new Option('--shortcut-padding <where>', 'where option A puts its zeros; default: after').choices(
        SHORTCUT_PADDINGS,
      ),
    )
    .addOption(
      new Option('--variant <variant>', 'where a bottleneck strides: first 1x1 (v1) or 3x3 (default: v1.5)').choices(
        BOTTLENECK_VARIANTS,
      ),
    )
    .option('--zero-init-residual', 'the last gamma of each block starts at 0')
    .option('--num-classes <n>', 'default: 10 for 32-pixel nets, 1000 for 224-pixel nets', wholeNumber(2))
    .option('--image-size <n>', 'side of the input in pixels', wholeNumber(1));
}

/** The flags that were given, as the user writes them. */
export function givenFlags(flags: ModelFlags): readonly string[] {
  return Object.entries(FLAG_NAMES).flatMap(([key, name]) =>
    flags[key as keyof ModelFlags] === undefined ? [] : name,
  );
}

/** The network that name and flags ask for, as a run spec's `model`. Throws RefusedInputError naming every fault. */
export function modelOf(name: string, flags: ModelFlags): NetworkOptions {
  const fields = Object.keys(FLAG_NAMES).map((key) => [key, flags[key as keyof ModelFlags]] as const);
  const given = Object.fromEntries(fields.filter(([, value]) => value !== undefined));
  // The paper's data sets: CIFAR-10 and ImageNet. A name that is unknown is refused below, whatever its classes.
  const numClasses = flags.numClasses ?? (/^(resnet|plain)(18|34|50|101|152)$/.test(name) ? 1000 : 10);
  const parsed = modelSchema.safeParse({ ...given, architecture: name, numClasses });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const field = path.join('.');
    return { path: field in FLAG_NAMES ? FLAG_NAMES[field as keyof ModelFlags] : 'NAME', message };
  });
  throw new RefusedInputError(`there is no such network`, faults);
}
