import type { BlockTable } from '#contracts';
import type { NetworkOptions } from './network-options.js';

/** Convolutions of a basic block in the paper's networks. */
const BASIC_SPAN = 2;

/**
 * How a stage is cut into blocks, and how many 3x3 convolutions a basic block has. With a skip span of its own a named
 * network keeps the layers of its name and has more or fewer blocks; a custom one keeps the blocks of its table.
 */
export function stageBlocks(
  { architecture, skipSpan }: NetworkOptions,
  table: BlockTable,
  stage: number,
): { readonly numBlocks: number; readonly span: number } {
  const numBlocks = table.numBlocks[stage] ?? 0;
  const span = skipSpan ?? BASIC_SPAN;
  return { numBlocks: architecture === 'custom' ? numBlocks : (numBlocks * BASIC_SPAN) / span, span };
}
