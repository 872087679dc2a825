import { printable, type EvaluationResult } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { evaluationQuery } from '../api/evaluations.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { formatCount, formatPercent } from '../format/format.js';
import { ConfusionGrid } from './confusion-grid.js';

const CLASS_COLUMNS: readonly Column<EvaluationResult['classes'][number]>[] = [
  { title: 'Class', render: (row) => printable(row.name) },
  { title: 'Images', isNumeric: true, render: (row) => formatCount(row.samples) },
  { title: 'Right', isNumeric: true, render: (row) => formatCount(row.correct) },
  { title: 'Accuracy', isNumeric: true, render: (row) => formatPercent(row.accuracy) },
];

/** Accuracy of every class and what was taken for what. */
export function EvaluationDetail({ runId, id }: { readonly runId: string; readonly id: string }) {
  const { data, error } = useQuery(evaluationQuery(runId, id));
  if (error !== null && data === undefined) return <Notice tone="error" title={error.message} />;
  if (data?.result === undefined || data.result === null) return <Skeleton label="Loading the evaluation" rows={4} />;
  const { result } = data;
  return (
    <div className="evaluation-detail">
      <div className="evaluation-classes">
        <DataTable label="Classes" columns={CLASS_COLUMNS} rows={result.classes} keyOf={(row) => row.name} />
      </div>
      <ConfusionGrid result={result} />
    </div>
  );
}
