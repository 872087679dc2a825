import type { RunView } from '#contracts';
import { type FormEvent, type KeyboardEvent, lazy, Suspense, useState } from 'react';
import { useChangeRun } from '../api/commands.js';
import { FieldFault } from '../components/field-fault.js';

/** Of its own, so that a page without notes does not load it. Where it is not to be had the text is shown as it is. */
const Markdown = lazy(() => import('../components/markdown.js').catch(() => ({ default: PlainText })));

function PlainText({ text }: { readonly text: string }) {
  return <p className="plain-text">{text}</p>;
}

/** What people wrote about a run, as Markdown. */
export function NotesPanel({ run }: { readonly run: RunView }) {
  const [isEditing, setIsEditing] = useState(false);
  return (
    <section className="panel notes" aria-labelledby="notes-title">
      <header className="panel-head">
        <h2 id="notes-title">Notes</h2>
        {isEditing ? null : (
          <button type="button" className="copy" onClick={() => setIsEditing(true)}>
            {run.notes === '' ? 'write' : 'edit'}
          </button>
        )}
      </header>
      {isEditing ? <NotesForm run={run} onDone={() => setIsEditing(false)} /> : <Notes text={run.notes} />}
    </section>
  );
}

function Notes({ text }: { readonly text: string }) {
  if (text === '') return <p className="muted">None.</p>;
  return (
    <Suspense fallback={<PlainText text={text} />}>
      <Markdown text={text} />
    </Suspense>
  );
}

function NotesForm({ run, onDone }: { readonly run: RunView; readonly onDone: () => void }) {
  const [text, setText] = useState(run.notes);
  const change = useChangeRun(run.id);
  const save = (): void => change.mutate({ notes: text.trimEnd() }, { onSuccess: onDone });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') onDone();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) save();
  };
  return (
    <form onSubmit={submit} onKeyDown={press}>
      <textarea
        className="field"
        aria-label="Notes, in Markdown"
        value={text}
        rows={Math.min(24, text.split('\n').length + 3)}
        onChange={(event) => setText(event.target.value)}
        aria-describedby="notes-fault"
        aria-invalid={change.isError}
        autoFocus
      />
      <div className="form-actions">
        <button type="submit" className="button primary" disabled={change.isPending}>
          Save
        </button>
        <button type="button" className="button" onClick={onDone}>
          Discard
        </button>
        <span className="muted">Markdown; Ctrl+Enter saves, Escape discards</span>
      </div>
      <FieldFault id="notes-fault" error={change.error} />
    </form>
  );
}
