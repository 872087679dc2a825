import { printable } from '#contracts';
import type { NetworkOptions, WeightsInspection } from '#resnet';
import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';

/** What `skiplane weights inspect FILE --json` prints. */
export interface InspectedFile extends WeightsInspection {
  readonly file: string;
  readonly sizeBytes: number;
}

/** For a person: the network, what the file holds, and what does not fit. */
export function inspectionText(inspected: InspectedFile, showsTensors: boolean): string {
  const { file, sizeBytes, model, undetermined, prefix, numClasses, numParameters, faults, tensors } = inspected;
  const dtypes = Object.entries(inspected.numTensorsByDtype).map(([dtype, count]) => `${count} ${dtype}`);
  const facts = [
    ['network', model === null ? 'unknown' : networkText(model)],
    ...(numParameters === null ? [] : [['parameters', numParameters.toLocaleString('en-US')]]),
    ['classes', numClasses === null ? 'no head' : String(numClasses)],
    ['tensors', dtypes.join(', ')],
    ...(prefix === '' ? [] : [['prefix', prefix]]),
    ...(undetermined.length === 0 ? [] : [['not told', `${undetermined.join(', ')}: give them when you use the file`]]),
  ];
  const width = Math.max(...facts.map(([title = '']) => title.length));
  const verdict =
    faults.length === 0
      ? 'every tensor fits'
      : [
          `${faults.length} ${faults.length === 1 ? 'does' : 'do'} not fit:`,
          ...faults.map(({ path, message }) => `  ${printable(path || '(whole)')}: ${printable(message)}`),
        ].join('\n');
  const list = table(
    [{ title: 'TENSOR' }, { title: 'TYPE' }, { title: 'SHAPE' }],
    tensors.map(({ name, dtype, shape }) => [printable(name), dtype, `[${shape.join(', ')}]`]),
  );
  return [
    `${file}: ${formatBytes(sizeBytes)}`,
    ...facts.map(([title = '', text = '']) => `  ${title.padEnd(width)}  ${printable(text)}`),
    verdict,
    ...(showsTensors ? ['', list] : []),
  ].join('\n');
}

function networkText(model: NetworkOptions): string {
  const isChoice = ([field, value]: readonly [string, unknown]): boolean =>
    value !== undefined && field !== 'architecture' && field !== 'numClasses';
  return [
    model.architecture,
    ...Object.entries(model)
      .filter(isChoice)
      .map(([field, value]) => `${field} ${JSON.stringify(value)}`),
  ].join(', ');
}
