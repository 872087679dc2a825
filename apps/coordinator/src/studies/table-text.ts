import type { Mean, StudyTable } from '#contracts';

const ERROR_COLUMNS = ['training error %', 'validation error %', 'best validation error %'] as const;

/** The table as GitHub's markdown. */
export function markdownTable(table: StudyTable): string {
  const header = [...table.axes, 'parameters', 'runs', ...ERROR_COLUMNS, ...(hasMissing(table) ? ['missing'] : [])];
  const rule = header.map((_, index) => (index < table.axes.length || index > table.axes.length + 4 ? '---' : '---:'));
  const rows = table.rows.map((row) => [
    ...row.labels,
    row.parameters?.toLocaleString('en-US') ?? '–',
    `${row.numFinished}/${row.numRuns}`,
    ...[row.trainError, row.validationError, row.bestValidationError].map(percent),
    ...(hasMissing(table) ? [row.missing ?? ''] : []),
  ]);
  const line = (cells: readonly string[]): string => `| ${cells.map(inMarkdown).join(' | ')} |`;
  return `${[line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')}\n`;
}

/** The table as CSV (RFC 4180), means and deviations in columns of their own, as shares. */
export function csvTable(table: StudyTable): string {
  const errors = ['train_error', 'validation_error', 'best_validation_error'];
  const header = [
    ...table.axes,
    'parameters',
    'runs',
    'finished',
    ...errors.flatMap((name) => [`${name}_mean`, `${name}_std`]),
    'missing',
  ];
  const rows = table.rows.map((row) => [
    ...row.labels,
    String(row.parameters ?? ''),
    String(row.numRuns),
    String(row.numFinished),
    ...[row.trainError, row.validationError, row.bestValidationError].flatMap((value) => [
      value === null ? '' : String(value.mean),
      value?.std === null || value === null ? '' : String(value.std),
    ]),
    row.missing ?? '',
  ]);
  return [header, ...rows].map((cells) => `${cells.map(inCsv).join(',')}\r\n`).join('');
}

function hasMissing(table: StudyTable): boolean {
  return table.rows.some(({ missing }) => missing !== null);
}

function percent(value: Mean | null): string {
  if (value === null) return '–';
  const mean = (value.mean * 100).toFixed(2);
  return value.std === null ? mean : `${mean} ± ${(value.std * 100).toFixed(2)}`;
}

function inMarkdown(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ');
}

function inCsv(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
