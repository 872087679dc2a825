import type { StudyView } from '#contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { useCancelStudy } from '../api/studies.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import { StateBadge } from '../components/state-badge.js';

/** Name, state, what is compared, and the button that ends it. */
export function StudyHeader({ study }: { readonly study: StudyView }) {
  const [isAsking, setIsAsking] = useState(false);
  const cancel = useCancelStudy(study.id);
  const { axes, seeds } = study.spec;
  return (
    <header className="run-header">
      <div>
        <p className="crumb">
          <Link to="/studies">Studies</Link> <span aria-hidden="true">/</span> <code>{study.id}</code>
        </p>
        <h1>
          {study.name} <StateBadge state={study.state} />
        </h1>
        <p className="run-what">
          {axes.map(({ name, values }) => `${name} ${values.map(({ label }) => label).join(', ')}`).join(' · ')} ·{' '}
          {seeds.length === 1 ? `seed ${seeds.join()}` : `${seeds.length} seeds`}
        </p>
      </div>
      <div className="run-commands">
        {study.state === 'running' ? (
          <button
            type="button"
            className="button quiet-danger"
            disabled={cancel.isPending}
            onClick={() => setIsAsking(true)}
          >
            Cancel study
          </button>
        ) : null}
        {cancel.error === null ? null : (
          <p className="command-error" role="alert">
            {cancel.error.message}
          </p>
        )}
      </div>
      {isAsking ? (
        <ConfirmDialog
          title="Cancel this study?"
          confirmLabel="Cancel study"
          dismissLabel="Keep training"
          onDismiss={() => setIsAsking(false)}
          onConfirm={() => {
            setIsAsking(false);
            cancel.mutate();
          }}
        >
          <p>“{study.name}” and all its runs that are not over stop for good. What has finished is kept.</p>
        </ConfirmDialog>
      ) : null}
    </header>
  );
}
