import { ARCHITECTURES, isPlain, namedBlockTable, type BlockTable } from './block-table.js';
import type { ModelChoices, Shortcut } from './model-choices.js';

/** The blocks a model is made of; undefined where no network has its name, or a custom one has no table. */
export function blockTableOf({ architecture, blocks }: ModelChoices): BlockTable | undefined {
  return architecture === 'custom' ? blocks : namedBlockTable(architecture);
}

/** The shortcut option a network is built with; null: it has no shortcuts. */
export function shortcutOf(model: ModelChoices): Shortcut | null {
  const { architecture, shortcut } = model;
  if (isPlain(architecture) || shortcut === 'none') return null;
  return shortcut ?? (blockTableOf(model)?.stem === '3x3' ? 'A' : 'B');
}

/** Whether a network has this name; of a custom one its blocks decide. */
export function isArchitecture(name: string): boolean {
  return name === 'custom' || namedBlockTable(name) !== undefined;
}

export function unknownArchitecture(name: string): string {
  return `${name} is none of ${ARCHITECTURES.join(', ')}, resnetN and plainN of another 6n+2 layers, custom`;
}

export interface ModelFault {
  readonly path: readonly (keyof ModelChoices | keyof BlockTable)[];
  readonly message: string;
}

/** Every choice that means nothing for its network, or that it cannot be built with. */
export function modelFaults(model: ModelChoices): ModelFault[] {
  const { architecture, variant, shortcutPadding } = model;
  const table = blockTableOf(model);
  const faults: ModelFault[] = [];
  const fault = (message: string, ...path: ModelFault['path']): void => void faults.push({ path, message });
  if (architecture === 'custom' && table === undefined) {
    fault('a custom network needs its blocks: kind, stem, widths, numBlocks', 'blocks');
  }
  if (architecture !== 'custom' && model.blocks !== undefined) {
    fault(`${architecture} has blocks of its own: leave this out, or architecture custom`, 'blocks');
  }
  if (architecture !== 'custom' && table === undefined) {
    fault(unknownArchitecture(architecture), 'architecture');
  }
  if (table === undefined) return faults;

  const shortcut = shortcutOf(model);
  if (isPlain(architecture) && model.shortcut !== undefined && model.shortcut !== 'none') {
    fault(`${architecture} is a plain net, it has no shortcuts: leave this out`, 'shortcut');
  }
  if (shortcutPadding !== undefined && shortcut !== 'A') {
    const what = shortcut === null ? 'is a plain net' : `has shortcuts of option ${shortcut}`;
    fault(`only option A pads with zeros, ${architecture} ${what}: leave this out`, 'shortcutPadding');
  }
  if (shortcut === 'A' && table.widths.some((width, stage) => width < (table.widths[stage - 1] ?? 0))) {
    fault('option A adds channels and takes none away: widths that shrink need option B or C', 'blocks', 'widths');
  }
  if (variant !== undefined && table.kind !== 'bottleneck') {
    fault(`only bottleneck nets (resnet50, resnet101, resnet152) have variants, not ${architecture}`, 'variant');
  }
  if (shortcut === null) {
    const plain = `${architecture} is a plain net: without shortcuts`;
    if (model.zeroInitResidual === true)
      fault(`${plain} its blocks would pass on nothing but zeros`, 'zeroInitResidual');
    if (model.skipSpan !== undefined) fault(`${plain} there is nothing to span: leave this out`, 'skipSpan');
    if (model.gate !== undefined) fault(`${plain} there is nothing to gate: leave this out`, 'gate');
    if (model.nestedShortcuts === true) fault(`${plain} none can be nested`, 'nestedShortcuts');
  }
  if (model.nestedShortcuts === true && table.numBlocks.every((count) => count === 1)) {
    fault('a stage of one block has a shortcut over the whole stage already', 'nestedShortcuts');
  }
  spanFaults(model, table, fault);
  return faults;
}

/** A named network keeps its layers, so the span must divide every stage's. */
function spanFaults(
  { architecture, skipSpan }: ModelChoices,
  { kind, numBlocks }: BlockTable,
  fault: (message: string, ...path: ModelFault['path']) => void,
): void {
  if (skipSpan === undefined) return;
  if (kind === 'bottleneck')
    return fault('a bottleneck is three layers under one shortcut: leave this out', 'skipSpan');
  if (architecture === 'custom') return;
  const layers = numBlocks.map((count) => 2 * count);
  const shortest = Math.min(...layers);
  const divisors = Array.from({ length: shortest }, (_, index) => index + 1).filter((span) =>
    layers.every((count) => count % span === 0),
  );
  if (!divisors.includes(skipSpan)) {
    const stages = [...new Set(layers)].join(', ');
    fault(
      `the stages of ${architecture} have ${stages} layers: one of ${divisors.join(', ')}, not ${skipSpan}`,
      'skipSpan',
    );
  }
}
