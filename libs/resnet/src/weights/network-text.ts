import type { NetworkOptions } from '../network/network-options.js';

/** A network for people: its name and every choice but the number of classes. */
export function networkText(model: NetworkOptions): string {
  const isChoice = ([field, value]: readonly [string, unknown]): boolean =>
    value !== undefined && field !== 'architecture' && field !== 'numClasses';
  return [
    model.architecture,
    ...Object.entries(model)
      .filter(isChoice)
      .map(([field, value]) => `${field} ${JSON.stringify(value)}`),
  ].join(', ');
}
