import type { ReactNode } from 'react';

/** One column; on a narrow page every row becomes a card and the title stands before its value. */
export interface Column<Row> {
  readonly title: string;
  readonly render: (row: Row) => ReactNode;
  readonly isNumeric?: boolean;
  /** Takes the whole width of a card, without its title. */
  readonly isHeading?: boolean;
  readonly width?: string;
}

export interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}

/** The roles are written out because CSS that turns rows into cards takes them away from the elements. */
export function DataTable<Row>({ label, columns, rows, keyOf }: DataTableProps<Row>) {
  return (
    <table className="table" aria-label={label} role="table">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title, isNumeric, width }) => (
            <th key={title} role="columnheader" scope="col" data-numeric={isNumeric} style={{ width }}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <tr key={keyOf(row)} role="row">
            {columns.map(({ title, render, isNumeric, isHeading }) => (
              <td key={title} role="cell" data-title={title} data-numeric={isNumeric} data-heading={isHeading}>
                {render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
