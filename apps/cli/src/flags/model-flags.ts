import { InvalidArgumentError, type Command } from 'commander';
import {
  blockTableOf,
  BOTTLENECK_VARIANTS,
  GATE_FUNCTIONS,
  GATE_SCOPES,
  HEAD_INITS,
  KERNEL_INITS,
  modelSchema,
  RefusedInputError,
  SHORTCUT_CHOICES,
  SHORTCUT_PADDINGS,
} from '#contracts';
import type { NetworkOptions } from '#resnet';
import { among, FlagTable, parsedBy, specFlag, type FlagValues } from './flag-table.js';
import { wholeNumber } from './whole-number.js';

const TABLE = new FlagTable([
  specFlag('blocks.kind', '--block <kind>', 'custom: basic or bottleneck', among(['basic', 'bottleneck'])),
  specFlag('blocks.stem', '--stem <stem>', 'custom: the first layer', among(['3x3', '7x7'])),
  specFlag('blocks.widths', '--widths <list>', 'custom: channels of the stages, e.g. 16,32,64', parsedBy(wholeNumbers)),
  specFlag('blocks.numBlocks', '--blocks <list>', 'custom: blocks of the stages, e.g. 3,3,3', parsedBy(wholeNumbers)),
  specFlag(
    'shortcut',
    '--shortcut <option>',
    "the paper's option; default: A with a 3x3 stem, else B",
    among(SHORTCUT_CHOICES),
  ),
  specFlag(
    'shortcutPadding',
    '--shortcut-padding <where>',
    'where option A puts its zeros; default: after',
    among(SHORTCUT_PADDINGS),
  ),
  specFlag('skipSpan', '--skip-span <n>', '3x3 layers under one shortcut; default: 2', parsedBy(wholeNumber(1))),
  specFlag('gate.per', '--gate <scope>', 'highway gates, one per element, channel or layer', among(GATE_SCOPES)),
  specFlag('gate.function', '--gate-function <name>', 'default: sigmoid', among(GATE_FUNCTIONS)),
  specFlag(
    'gate.kernelSize',
    '--gate-kernel <n>',
    '1 (default) or 3, of gates per element',
    parsedBy(wholeNumber(1, 3)),
  ),
  // The one flag that says no.
  { ...specFlag('gate.bias', '--gate-without-bias', 'no learned bias in the gate'), value: false },
  specFlag(
    'gate.initialBias',
    '--gate-initial-bias <x>',
    'below 0 blocks start by carrying, above by transforming; default: -2',
    parsedBy(decimal),
  ),
  specFlag('nestedShortcuts', '--nested-shortcuts', 'a shortcut over each whole stage as well'),
  specFlag(
    'variant',
    '--variant <variant>',
    'where a bottleneck strides: first 1x1 (v1) or 3x3 (default: v1.5)',
    among(BOTTLENECK_VARIANTS),
  ),
  specFlag('zeroInitResidual', '--zero-init-residual', 'the last gamma of each block starts at 0'),
  specFlag('kernelInit', '--kernel-init <fan>', 'He et al. 2015b; default: fan-out', among(KERNEL_INITS)),
  specFlag('headInit', '--head-init <init>', "how the head starts; default: uniform, PyTorch's", among(HEAD_INITS)),
  specFlag('numClasses', '--num-classes <n>', 'default: 10 with a 3x3 stem, else 1000', parsedBy(wholeNumber(2))),
  specFlag('imageSize', '--image-size <n>', 'side of the input in pixels', parsedBy(wholeNumber(1))),
]);

/** Adds the flags that choose a network to a command. */
export function addModelFlags(command: Command): Command {
  return TABLE.addTo(command);
}

/** The flags that were given, as the user writes them. */
export function givenFlags(flags: FlagValues): readonly string[] {
  return TABLE.given(flags);
}

/** The network that name and flags ask for, as a run spec's `model`. Throws RefusedInputError naming every fault. */
export function modelOf(name: string, flags: FlagValues): NetworkOptions {
  const model = TABLE.part(flags, { architecture: name });
  const blocks = model['blocks'] as { stem?: unknown } | undefined;
  const stem = name === 'custom' ? blocks?.stem : blockTableOf({ architecture: name })?.stem;
  // The paper's data sets: CIFAR-10 and ImageNet. A name that is unknown is refused below, whatever its classes.
  const parsed = modelSchema.safeParse({ numClasses: stem === '7x7' ? 1000 : 10, ...model });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({
    path: TABLE.writtenAs(path.map(String)) ?? 'NAME',
    message,
  }));
  throw new RefusedInputError(`there is no such network`, faults);
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber(1));
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}
