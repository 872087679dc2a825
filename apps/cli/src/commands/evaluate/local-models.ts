import { RefusedInputError } from '#contracts';
import type { FlagValues } from '../../flags/flag-table.js';
import { modelOf } from '../../flags/model-flags.js';
import type { LocalEvaluation } from './local-evaluation.js';

/** Networks and files of `--weights [NETWORK=]FILE...`; throws RefusedInputError naming every one that is refused. */
export function localModels(
  weights: readonly string[],
  model: string | undefined,
  flags: FlagValues,
): LocalEvaluation['models'] {
  const faults: { path: string; message: string }[] = [];
  const models = weights.flatMap((text) => {
    const [, own, file] = /^(?:(\w+)=)?(.+)$/.exec(text) ?? [];
    const name = own ?? model;
    if (name === undefined || file === undefined) {
      faults.push({ path: text, message: 'of which network? give --model NAME, or NAME=FILE' });
      return [];
    }
    try {
      return [{ model: modelOf(name, flags), path: file }];
    } catch (error) {
      if (!(error instanceof RefusedInputError)) throw error;
      faults.push(...error.faults.map(({ path, message }) => ({ path: `${text} ${path}`, message })));
      return [];
    }
  });
  if (faults.length > 0) throw new RefusedInputError('the networks are refused', faults);
  return models;
}
