import type { EvaluationList, EvaluationProtocol } from '#contracts';
import { formatCount, formatPercent, UNKNOWN } from '../format/format.js';

type Row = EvaluationList['evaluations'][number];

/** A protocol in a few words. */
export function protocolWords(protocol: EvaluationProtocol): string {
  const average = protocol.average === 'logits' ? ', logits' : '';
  switch (protocol.kind) {
    case 'center':
      return `center crop${protocol.flip ? ' + flip' : ''}${average}`;
    case 'ten-crop':
      return `10-crop${average}`;
    case 'multi-scale':
      return `${sidesWords(protocol.shorterSides)}${protocol.flip ? ' + flip' : ''}${average}`;
  }
}

const sidesWords = (sides: readonly number[] | undefined): string =>
  sides === undefined ? 'multi-scale' : `${sides.join(', ')} px`;

/** How an evaluation stands: its state, and how far it is while it goes on. */
export function stateWords({ state, reason, progress }: Row): string {
  const { samples, totalSamples } = progress;
  if (state === 'running') return `${formatCount(samples)} of ${formatCount(totalSamples)}`;
  return reason === null ? state : `${state}: ${reason}`;
}

/** Share that was wrong. */
export function errorWords(right: number | undefined): string {
  return right === undefined ? UNKNOWN : formatPercent(1 - right, 2);
}
