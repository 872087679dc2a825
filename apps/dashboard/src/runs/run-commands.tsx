import type { RunState, RunView } from '#contracts';
import { useState } from 'react';
import { Link } from 'react-router';
import { type RunCommand, useChangeRun, useRunCommand } from '../api/commands.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import { DeleteDialog } from './delete-dialog.js';
import { isOver } from './run-states.js';

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

/** What can be done about a run. */
export function RunCommands({ run }: { readonly run: RunView }) {
  const [asked, setAsked] = useState<'cancel' | 'delete' | null>(null);
  const command = useRunCommand(run.id);
  const change = useChangeRun(run.id);
  const error = command.error ?? change.error;
  const press = (pressed: RunCommand): void => (pressed === 'cancel' ? setAsked('cancel') : command.mutate(pressed));
  return (
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
      <Link className="button" to={`/new?from=${encodeURIComponent(run.id)}`}>
        Clone
      </Link>
      {isOver(run.state) ? (
        <>
          <button
            type="button"
            className="button"
            disabled={change.isPending}
            onClick={() => change.mutate({ isArchived: !run.isArchived })}
          >
            {run.isArchived ? 'Unarchive' : 'Archive'}
          </button>
          <button type="button" className="button quiet-danger" onClick={() => setAsked('delete')}>
            Delete
          </button>
        </>
      ) : null}
      {error === null ? null : (
        <p className="command-error" role="alert">
          {error.message}
        </p>
      )}
      {asked === 'delete' ? <DeleteDialog run={run} onDismiss={() => setAsked(null)} /> : null}
      {asked === 'cancel' ? (
        <ConfirmDialog
          title="Cancel this run?"
          confirmLabel="Cancel run"
          dismissLabel="Keep training"
          onDismiss={() => setAsked(null)}
          onConfirm={() => {
            setAsked(null);
            command.mutate('cancel');
          }}
        >
          <p>
            “{run.spec.name}” stops for good at step {run.progress.step}. Its checkpoints are kept, but it cannot be
            resumed.
          </p>
        </ConfirmDialog>
      ) : null}
    </div>
  );
}
