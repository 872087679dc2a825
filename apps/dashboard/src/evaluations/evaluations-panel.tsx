import type { EvaluationList, RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { evaluationsQuery, useSubmitEvaluation } from '../api/evaluations.js';
import { type Column, DataTable } from '../components/data-table.js';
import { formatLoss } from '../format/format.js';
import { EvaluationDetail } from './evaluation-detail.js';
import { errorWords, protocolWords, stateWords } from './evaluation-words.js';

const KINDS = [
  { kind: 'center', label: 'Center crop' },
  { kind: 'ten-crop', label: '10-crop' },
  { kind: 'multi-scale', label: 'Multi-scale' },
] as const;

type Row = EvaluationList['evaluations'][number];

/** Evaluations by the testing protocols: a button for each, a table of errors, classes and confusions of one. */
export function EvaluationsPanel({ run }: { readonly run: RunView }) {
  const { data } = useQuery(evaluationsQuery(run.id));
  const [progress, setProgress] = useState('');
  const submit = useSubmitEvaluation(run.id, setProgress);
  const [shown, show] = useState<string | null>(null);
  const rows = data?.evaluations ?? [];
  if (run.checkpoints.length === 0 && rows.length === 0) return null;
  const columns: readonly Column<Row>[] = [
    { title: 'Protocol', render: (row) => protocolWords(row.protocol) },
    { title: 'Networks', render: (row) => row.networks.map(({ source }) => source).join(' + ') },
    { title: 'Images', render: (row) => `${row.split}, ${stateWords(row)}` },
    { title: 'Top-1 error', isNumeric: true, render: (row) => errorWords(row.result?.accuracy) },
    { title: 'Top-5 error', isNumeric: true, render: (row) => errorWords(row.result?.top5Accuracy) },
    { title: 'Loss', isNumeric: true, render: (row) => formatLoss(row.result?.loss ?? null) },
    { title: 'Classes', render: (row) => (row.result === null ? null : toggle(row.id)) },
  ];
  const toggle = (id: string) => (
    <button
      type="button"
      className="button"
      aria-expanded={shown === id}
      onClick={() => show(shown === id ? null : id)}
    >
      {shown === id ? 'Hide' : 'Show'}
    </button>
  );
  return (
    <section className="panel" aria-labelledby="evaluations-title">
      <header className="panel-head">
        <h2 id="evaluations-title">Evaluations</h2>
        <span className="evaluation-buttons">
          {KINDS.map(({ kind, label }) => (
            <button
              key={kind}
              type="button"
              className="button"
              disabled={submit.isPending || run.checkpoints.length === 0}
              onClick={() => {
                setProgress('');
                submit.mutate({ protocol: { kind } });
              }}
            >
              {label}
            </button>
          ))}
        </span>
      </header>
      {submit.isPending && progress !== '' && <p role="status">{progress}</p>}
      {submit.error !== null && <p role="alert">{submit.error.message}</p>}
      {rows.length === 0 ? (
        <p className="muted">None yet: choose a protocol to evaluate the newest checkpoint.</p>
      ) : (
        <div className="evaluation-table">
          <DataTable label="Evaluations" columns={columns} rows={rows} keyOf={(row) => row.id} />
        </div>
      )}
      {shown !== null && <EvaluationDetail key={shown} runId={run.id} id={shown} />}
    </section>
  );
}
