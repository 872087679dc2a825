import type { Mean, StudyTable } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { studyPath, studyTableQuery } from '../api/studies.js';
import { type Column, DataTable } from '../components/data-table.js';
import { formatCount, UNKNOWN } from '../format/format.js';

type Row = StudyTable['rows'][number];

export interface StudyResultProps {
  readonly id: string;
  /** Changes whenever a run of the study gets further. */
  readonly mark: string;
}

/** As the paper's Tables 2 and 6: one row a combination, mean ± deviation over the seeds that have finished. */
export function StudyResult({ id, mark }: StudyResultProps) {
  const { data } = useQuery(studyTableQuery(id, mark));
  return (
    <section className="panel" aria-labelledby="study-result-title">
      <header className="panel-head">
        <h2 id="study-result-title">Errors, mean ± std over the seeds</h2>
        <span className="study-files">
          <a href={`${studyPath(id)}/table?format=markdown`} download>
            Markdown
          </a>
          <a href={`${studyPath(id)}/table?format=csv`} download>
            CSV
          </a>
        </span>
      </header>
      {data === undefined ? (
        <p className="muted">Loading…</p>
      ) : (
        <div className="study-scroll">
          <DataTable label="Errors" columns={columnsOf(data)} rows={data.rows} keyOf={({ labels }) => labels.join()} />
        </div>
      )}
    </section>
  );
}

function columnsOf({ axes, rows, state }: StudyTable): readonly Column<Row>[] {
  const error = (title: string, of: (row: Row) => Mean | null): Column<Row> => ({
    title,
    isNumeric: true,
    render: (row) => meanWords(of(row)),
  });
  return [
    ...axes.map((axis, index): Column<Row> => ({ title: axis, render: ({ labels }) => labels[index] })),
    { title: 'Parameters', isNumeric: true, render: ({ parameters }) => parametersWords(parameters) },
    error('Training error %', ({ trainError }) => trainError),
    error('Validation error %', ({ validationError }) => validationError),
    error('Best validation error %', ({ bestValidationError }) => bestValidationError),
    { title: 'Finished', isNumeric: true, render: (row) => <RunLinks row={row} /> },
    // While runs go on most of them are missing, and the runs below say why.
    ...(state !== 'running' && rows.some(({ missing }) => missing !== null)
      ? [{ title: 'Missing', render: ({ missing }: Row) => <span className="study-missing">{missing}</span> }]
      : []),
  ];
}

function RunLinks({ row }: { readonly row: Row }) {
  return (
    <span className="study-runs">
      {row.numFinished} of {row.numRuns}
      {row.runIds.map((runId, index) => (
        <Link key={runId} to={`/runs/${runId}`} aria-label={`Run ${index + 1} of ${row.labels.join(' ')}`}>
          {index + 1}
        </Link>
      ))}
    </span>
  );
}

const parametersWords = (parameters: number | null): string =>
  parameters === null ? UNKNOWN : formatCount(parameters);

function meanWords(value: Mean | null): string {
  if (value === null) return UNKNOWN;
  const mean = (value.mean * 100).toFixed(2);
  return value.std === null ? mean : `${mean} ± ${(value.std * 100).toFixed(2)}`;
}
