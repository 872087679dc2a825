import type { RunState, RunView } from '#contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { type RunCommand, useRunCommand } from '../api/commands.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import { StateBadge } from '../components/state-badge.js';

const COMMANDS_BY_STATE: Readonly<Record<RunState, readonly RunCommand[]>> = {
  pending: ['cancel'],
  running: ['pause', 'cancel'],
  pausing: ['cancel'],
  paused: ['resume', 'cancel'],
  cancelled: [],
  failed: [],
  finished: [],
};

const LABELS: Readonly<Record<RunCommand, string>> = { pause: 'Pause', resume: 'Resume', cancel: 'Cancel run' };

/** Name, state, what is trained, and what can be done about it. */
export function RunHeader({ run }: { readonly run: RunView }) {
  const [isAsking, setIsAsking] = useState(false);
  const command = useRunCommand(run.id);
  const { spec } = run;
  const press = (pressed: RunCommand): void => (pressed === 'cancel' ? setIsAsking(true) : command.mutate(pressed));
  return (
    <header className="run-header">
      <div>
        <p className="crumb">
          <Link to="/">Runs</Link> <span aria-hidden="true">/</span> <code>{run.id}</code>
          {run.studyId === null ? null : (
            <>
              {' '}
              of <Link to={`/studies/${run.studyId}`}>a study</Link>
            </>
          )}
        </p>
        <h1>
          {spec.name} <StateBadge state={run.state} />
        </h1>
        <p className="run-what">
          {spec.model.architecture} · {spec.lanes} {spec.lanes === 1 ? 'lane' : 'lanes'} × {spec.laneBatchSize} images ·{' '}
          {run.dataset.classes.length} classes · {spec.precision}
          {spec.wire === 'fp32' ? '' : ` (${spec.wire} wire)`}
          {spec.bits === 'exact' ? '' : ' · fast bits'} · seed {spec.seed}
        </p>
      </div>
      <div className="run-commands">
        {COMMANDS_BY_STATE[run.state].map((name) => (
          <button
            key={name}
            type="button"
            className={name === 'cancel' ? 'button quiet-danger' : 'button'}
            disabled={command.isPending}
            onClick={() => press(name)}
          >
            {LABELS[name]}
          </button>
        ))}
        {command.error === null ? null : (
          <p className="command-error" role="alert">
            {command.error.message}
          </p>
        )}
      </div>
      {isAsking ? (
        <ConfirmDialog
          title="Cancel this run?"
          text={`“${spec.name}” stops for good at step ${run.progress.step}. Its checkpoints are kept, but it cannot be resumed.`}
          confirmLabel="Cancel run"
          dismissLabel="Keep training"
          onDismiss={() => setIsAsking(false)}
          onConfirm={() => {
            setIsAsking(false);
            command.mutate('cancel');
          }}
        />
      ) : null}
    </header>
  );
}
