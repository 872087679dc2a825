import { InvalidArgumentError, Option, type Command } from 'commander';
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
import { wholeNumber } from './whole-number.js';

/** A flag of a network: where its value stands in a run spec's `model`, and how it is written. */
interface ModelFlag {
  readonly path: readonly [string] | readonly [string, string];
  readonly option: Option;
}

const flag = (path: string, text: string, about: string, shape: (option: Option) => Option = (it) => it): ModelFlag => {
  const [first = '', second] = path.split('.');
  return { path: second === undefined ? [first] : [first, second], option: shape(new Option(text, about)) };
};
const among = (choices: readonly string[]) => (option: Option) => option.choices(choices);
const parsedBy = (parse: (text: string) => unknown) => (option: Option) => option.argParser(parse);

const FLAGS: readonly ModelFlag[] = [
  flag('blocks.kind', '--block <kind>', 'custom: basic or bottleneck', among(['basic', 'bottleneck'])),
  flag('blocks.stem', '--stem <stem>', 'custom: the first layer', among(['3x3', '7x7'])),
  flag('blocks.widths', '--widths <list>', 'custom: channels of the stages, e.g. 16,32,64', parsedBy(wholeNumbers)),
  flag('blocks.numBlocks', '--blocks <list>', 'custom: blocks of the stages, e.g. 3,3,3', parsedBy(wholeNumbers)),
  flag(
    'shortcut',
    '--shortcut <option>',
    "the paper's option; default: A with a 3x3 stem, else B",
    among(SHORTCUT_CHOICES),
  ),
  flag(
    'shortcutPadding',
    '--shortcut-padding <where>',
    'where option A puts its zeros; default: after',
    among(SHORTCUT_PADDINGS),
  ),
  flag('skipSpan', '--skip-span <n>', '3x3 layers under one shortcut; default: 2', parsedBy(wholeNumber(1))),
  flag('gate.per', '--gate <scope>', 'highway gates, one per element, channel or layer', among(GATE_SCOPES)),
  flag('gate.function', '--gate-function <name>', 'default: sigmoid', among(GATE_FUNCTIONS)),
  flag('gate.kernelSize', '--gate-kernel <n>', '1 (default) or 3, of gates per element', parsedBy(wholeNumber(1, 3))),
  flag('gate.bias', '--gate-without-bias', 'no learned bias in the gate'),
  flag(
    'gate.initialBias',
    '--gate-initial-bias <x>',
    'below 0 blocks start by carrying, above by transforming; default: -2',
    parsedBy(decimal),
  ),
  flag('nestedShortcuts', '--nested-shortcuts', 'a shortcut over each whole stage as well'),
  flag(
    'variant',
    '--variant <variant>',
    'where a bottleneck strides: first 1x1 (v1) or 3x3 (default: v1.5)',
    among(BOTTLENECK_VARIANTS),
  ),
  flag('zeroInitResidual', '--zero-init-residual', 'the last gamma of each block starts at 0'),
  flag('kernelInit', '--kernel-init <fan>', 'He et al. 2015b; default: fan-out', among(KERNEL_INITS)),
  flag('headInit', '--head-init <init>', "how the head starts; default: uniform, PyTorch's", among(HEAD_INITS)),
  flag('numClasses', '--num-classes <n>', 'default: 10 with a 3x3 stem, else 1000', parsedBy(wholeNumber(2))),
  flag('imageSize', '--image-size <n>', 'side of the input in pixels', parsedBy(wholeNumber(1))),
];

/** What commander makes of the flags, by attribute name; all may be left out. */
export type ModelFlags = Readonly<Record<string, unknown>>;

/** Adds the flags that choose a network to a command. */
export function addModelFlags(command: Command): Command {
  for (const { option } of FLAGS) command.addOption(option);
  return command;
}

const valueOf = ({ option }: ModelFlag, flags: ModelFlags): unknown => flags[option.attributeName()];

/** The flags that were given, as the user writes them. */
export function givenFlags(flags: ModelFlags): readonly string[] {
  return FLAGS.filter((it) => valueOf(it, flags) !== undefined).map(({ option }) => option.long ?? '');
}

/** The network that name and flags ask for, as a run spec's `model`. Throws RefusedInputError naming every fault. */
export function modelOf(name: string, flags: ModelFlags): NetworkOptions {
  const model: Record<string, unknown> = { architecture: name };
  for (const it of FLAGS) {
    const given = valueOf(it, flags);
    if (given === undefined) continue;
    // The one flag that says no.
    const value = it.option.long === '--gate-without-bias' ? false : given;
    const [first, second] = it.path;
    if (second === undefined) model[first] = value;
    else model[first] = { ...(model[first] as object | undefined), [second]: value };
  }
  const blocks = model['blocks'] as { stem?: unknown } | undefined;
  const stem = name === 'custom' ? blocks?.stem : blockTableOf({ architecture: name })?.stem;
  // The paper's data sets: CIFAR-10 and ImageNet. A name that is unknown is refused below, whatever its classes.
  const parsed = modelSchema.safeParse({ numClasses: stem === '7x7' ? 1000 : 10, ...model });
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => ({ path: writtenAs(path.map(String)), message }));
  throw new RefusedInputError(`there is no such network`, faults);
}

/** The flag for a path of the model, or for what lies above it. */
function writtenAs(path: readonly string[]): string {
  const found = FLAGS.find((it) => it.path.every((part, index) => path[index] === part));
  const table = FLAGS.filter((it) => it.path[0] === path[0]).map(({ option }) => option.long);
  return found?.option.long ?? (table.length > 0 ? table.join(', ') : 'NAME');
}

function wholeNumbers(text: string): number[] {
  return text.split(',').map(wholeNumber(1));
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}
