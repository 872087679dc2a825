import type { StudyTrialView, StudyView } from '#contracts';
import { Link } from 'react-router';
import { type Column, DataTable } from '../components/data-table.js';
import { StateBadge } from '../components/state-badge.js';
import { formatPercent, UNKNOWN } from '../format/format.js';
import { trialShare } from './study-progress.js';

/** Every run of the study: how far it is, what it has come to, and the way to its page. */
export function StudyTrials({ study }: { readonly study: StudyView }) {
  return (
    <section className="panel" aria-labelledby="study-trials-title">
      <header className="panel-head">
        <h2 id="study-trials-title">Runs</h2>
      </header>
      <div className="study-scroll">
        <DataTable
          label="Runs of the study"
          columns={columnsOf(study)}
          rows={study.trials}
          keyOf={({ labels, seed }) => `${labels.join()} ${seed}`}
        />
      </div>
    </section>
  );
}

function columnsOf({ spec }: StudyView): readonly Column<StudyTrialView>[] {
  return [
    ...spec.axes.map(({ name }, index): Column<StudyTrialView> => ({
      title: name,
      render: ({ labels }) => labels[index],
    })),
    { title: 'Seed', isNumeric: true, render: ({ seed }) => seed },
    {
      title: 'State',
      render: ({ state, reason }) => (
        <>
          <StateBadge state={state} />
          {reason === null ? null : <span className="reason">{reason}</span>}
        </>
      ),
    },
    { title: 'Done', isNumeric: true, render: (trial) => formatPercent(trialShare(trial), 0) },
    { title: 'Training error', isNumeric: true, render: ({ trainError }) => formatPercent(trainError, 2) },
    { title: 'Validation error', isNumeric: true, render: ({ validationError }) => formatPercent(validationError, 2) },
    {
      title: 'Run',
      render: ({ runId }) => (runId === null ? UNKNOWN : <Link to={`/runs/${runId}`}>{runId}</Link>),
    },
  ];
}
