import { printable } from '#contracts';

/**
 * A plain table: columns as wide as their widest cell, two blanks between, no rules. `right` columns are numbers. Cells are one
 * line each, whatever is in them.
 */
export function table(
  columns: readonly { readonly title: string; readonly right?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const shown = rows.map((row) => row.map((cell) => printable(cell)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...shown.map((row) => (row[index] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const cell = cells[index] ?? '';
        const width = widths[index] ?? 0;
        return column.right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...shown.map(line)].join('\n');
}
