import { RefusedInputError } from '#contracts';
import type { NetworkOptions } from '#resnet';
import { formatBytes } from '../../output/quantities.js';
import { table } from '../../output/table.js';
import { modelReport, type ModelReport } from './model-report.js';

type Choice = Partial<Omit<NetworkOptions, 'architecture' | 'blocks' | 'numClasses' | 'imageSize'>>;

/** What can be changed about a network's blocks; a new one is a line. */
const VARIANTS: readonly (readonly [string, Choice])[] = [
  ['as it is', {}],
  ['no shortcuts', { shortcut: 'none' }],
  ['option A', { shortcut: 'A' }],
  ['option A, zeros on both sides', { shortcut: 'A', shortcutPadding: 'both' }],
  ['option B', { shortcut: 'B' }],
  ['option C', { shortcut: 'C' }],
  ['v1, stride on the first 1x1', { variant: 'v1' }],
  ['span of 1 layer', { skipSpan: 1 }],
  ['span of 3 layers', { skipSpan: 3 }],
  ['span of 6 layers', { skipSpan: 6 }],
  ['gate per element, 1x1', { gate: { per: 'element' } }],
  ['gate per element, 3x3', { gate: { per: 'element', kernelSize: 3 } }],
  ['gate per element, 1x1, no bias', { gate: { per: 'element', bias: false } }],
  ['gate per channel', { gate: { per: 'channel' } }],
  ['gate per layer', { gate: { per: 'layer' } }],
  ['constant gate per channel', { gate: { per: 'channel', function: 'constant' } }],
  ['constant gate per layer', { gate: { per: 'layer', function: 'constant' } }],
  ['nested shortcuts', { nestedShortcuts: true }],
  ['nested shortcuts, option B', { nestedShortcuts: true, shortcut: 'B' }],
];

export interface VariantReport extends Pick<ModelReport, 'numLayers' | 'parameters' | 'multiplyAdds'> {
  readonly variant: string;
  readonly model: NetworkOptions;
  readonly memoryPerImageBytes: number;
}

/** Counts every variant of a network that it can be built in. */
export function variantReports(model: NetworkOptions): readonly VariantReport[] {
  return VARIANTS.flatMap(([variant, choice]) => {
    const changed = { ...model, ...choice };
    try {
      const { numLayers, parameters, multiplyAdds, memoryPerImageBytes } = modelReport(changed);
      return [{ variant, model: changed, numLayers, parameters, multiplyAdds, memoryPerImageBytes }];
    } catch (error) {
      // A bottleneck has no other span, a plain net no gates.
      if (error instanceof RefusedInputError) return [];
      throw error;
    }
  });
}

/** One row a variant. */
export function variantsTable(reports: readonly VariantReport[]): string {
  const base = reports[0]?.parameters ?? 0;
  const grouped = (value: number): string => value.toLocaleString('en-US');
  return table(
    [
      { title: 'VARIANT' },
      { title: 'LAYERS', right: true },
      { title: 'PARAMETERS', right: true },
      { title: 'MORE', right: true },
      { title: 'MULTIPLY-ADDS', right: true },
      { title: 'MEMORY/IMAGE', right: true },
    ],
    reports.map((report) => [
      report.variant,
      String(report.numLayers),
      grouped(report.parameters),
      grouped(report.parameters - base),
      grouped(report.multiplyAdds),
      formatBytes(report.memoryPerImageBytes),
    ]),
  );
}
