import { printable } from '#contracts';
import { isAverage, networkText, type WeightsInspection } from '#resnet';
import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';

/** What `skiplane weights inspect FILE --json` prints. */
export interface InspectedFile extends WeightsInspection {
  readonly file: string;
  readonly format: 'safetensors' | 'pytorch';
  readonly sizeBytes: number;
}

/** For a person: the network, what the file holds, and what does not fit. */
export function inspectionText(inspected: InspectedFile, showsTensors: boolean): string {
  const { file, format, sizeBytes, model, undetermined, prefix, headPrefix, numClasses, numParameters } = inspected;
  const { cause, faults, tensors } = inspected;
  const dtypes = Object.entries(inspected.numTensorsByDtype).map(([dtype, count]) => `${count} ${dtype}`);
  const beside = Object.entries(inspected.numTensorsBeside).map(
    ([name, count]) => `${name} (${count === 1 ? '1 tensor' : `${count} tensors`})`,
  );
  const facts = [
    ['network', model === null ? 'unknown' : networkText(model)],
    ...(numParameters === null ? [] : [['parameters', numParameters.toLocaleString('en-US')]]),
    ['classes', numClasses === null ? 'no head: fine-tuning gives one' : String(numClasses)],
    ['tensors', dtypes.join(', ')],
    ...(prefix === '' ? [] : [['prefix', `${prefix}${isAverage(prefix) ? ', an average of weights' : ''}`]]),
    ...(headPrefix === null ? [] : [['head', headPrefix]]),
    ...(beside.length === 0 ? [] : [['beside', `${beside.join(', ')}: not looked at`]]),
    ...(undetermined.length === 0 ? [] : [['not told', `${undetermined.join(', ')}: give them when you use the file`]]),
  ];
  const width = Math.max(...facts.map(([title = '']) => title.length));
  const list = faults.filter(({ path }) => path !== '');
  const verdict =
    faults.length === 0
      ? 'every tensor fits'
      : [
          ...(cause === null ? [] : [printable(cause)]),
          ...(list.length === 0 ? [] : [`${list.length} ${list.length === 1 ? 'does' : 'do'} not fit:`]),
          ...list.map(({ path, message }) => `  ${printable(path)}: ${printable(message)}`),
        ].join('\n');
  const shown = table(
    [{ title: 'TENSOR' }, { title: 'TYPE' }, { title: 'SHAPE' }],
    tensors.map(({ name, dtype, shape }) => [printable(name), dtype, `[${shape.join(', ')}]`]),
  );
  return [
    `${file}: ${format === 'pytorch' ? 'PyTorch' : format}, ${formatBytes(sizeBytes)}`,
    ...facts.map(([title = '', text = '']) => `  ${title.padEnd(width)}  ${printable(text)}`),
    verdict,
    ...(showsTensors ? ['', shown] : []),
  ].join('\n');
}
