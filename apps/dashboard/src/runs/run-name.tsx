import type { RunView } from '#contracts';
import { type FormEvent, type KeyboardEvent, useState } from 'react';
import { useChangeRun } from '../api/commands.js';
import { StateBadge } from '../components/state-badge.js';
import { FieldFault } from '../components/field-fault.js';

/** The name and state of a run, as the title of its page; the name can be changed in place. */
export function RunName({ run }: { readonly run: RunView }) {
  const [isEditing, setIsEditing] = useState(false);
  if (isEditing) return <RenameForm run={run} onDone={() => setIsEditing(false)} />;
  return (
    <h1>
      {run.spec.name} <StateBadge state={run.state} />
      {run.isArchived ? <span className="tag">archived</span> : null}
      <button type="button" className="copy" onClick={() => setIsEditing(true)}>
        rename
      </button>
    </h1>
  );
}

function RenameForm({ run, onDone }: { readonly run: RunView; readonly onDone: () => void }) {
  const [name, setName] = useState(run.spec.name);
  const change = useChangeRun(run.id);
  const save = (event: FormEvent): void => {
    event.preventDefault();
    change.mutate({ name: name.trim() }, { onSuccess: onDone });
  };
  const leave = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onDone();
  };
  return (
    <form className="rename" onSubmit={save} onKeyDown={leave}>
      <h1 className="visually-hidden">{run.spec.name}</h1>
      <input
        className="field"
        aria-label="Name of the run"
        value={name}
        onChange={(event) => setName(event.target.value)}
        aria-describedby="rename-fault"
        aria-invalid={change.isError}
        required
        autoFocus
      />
      <button type="submit" className="button primary" disabled={change.isPending}>
        Save
      </button>
      <button type="button" className="button" onClick={onDone}>
        Keep the old name
      </button>
      <FieldFault id="rename-fault" error={change.error} />
    </form>
  );
}
