import { type FormEvent, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useSubmitRun } from '../api/commands.js';
import { ApiError } from '../api/http.js';
import { newIdempotencyKey } from '../api/submissions.js';
import { useTitle } from '../components/use-title.js';
import { lineOfPath } from './json-location.js';
import { EXAMPLE_SPECS, specText } from './example-spec.js';

interface Fault {
  readonly path: string;
  readonly message: string;
}

/** `/new`: a run's spec as JSON; the coordinator's findings are shown with the line they are about. */
export function NewRunView() {
  useTitle('New run');
  const navigate = useNavigate();
  const [progress, setProgress] = useState('');
  const submit = useSubmitRun(setProgress);
  const editor = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(() =>
    EXAMPLE_SPECS.slice(0, 1)
      .map(({ spec }) => specText(spec))
      .join(''),
  );
  const [idempotencyKey, setIdempotencyKey] = useState(newIdempotencyKey);
  const syntaxFault = syntaxFaultOf(text);
  const edit = (next: string): void => {
    setText(next);
    setIdempotencyKey(newIdempotencyKey());
    submit.reset();
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    setProgress('');
    submit.mutate({ body: text, idempotencyKey }, { onSuccess: (run) => void navigate(`/runs/${run.id}`) });
  };
  const faults = syntaxFault === null ? faultsOf(submit.error) : [syntaxFault];
  return (
    <form className="new-run" onSubmit={send}>
      <div className="page-head">
        <h1>New run</h1>
        <button type="submit" className="button primary" disabled={submit.isPending || syntaxFault !== null}>
          {submit.isPending ? 'Submitting…' : 'Submit'}
        </button>
      </div>
      <p className="muted">
        A run’s spec in JSON. Everything but name, model, dataset and epochs has a default; <a href="docs">the API</a>{' '}
        describes each field.
      </p>
      <p role="status">{submit.isPending ? progress : ''}</p>
      <div id="spec-faults" role="alert">
        <FaultList faults={faults} text={text} onPick={(line) => selectLine(editor.current, line)} />
      </div>
      <div className="new-run-columns">
        <div>
          <label htmlFor="spec" className="visually-hidden">
            Spec as JSON
          </label>
          <textarea
            id="spec"
            ref={editor}
            value={text}
            onChange={(event) => edit(event.target.value)}
            rows={text.split('\n').length + 1}
            spellCheck={false}
            autoCapitalize="off"
            aria-invalid={faults.length > 0}
            aria-describedby="spec-faults"
          />
        </div>
        <aside aria-label="Examples">
          {EXAMPLE_SPECS.map(({ title, text: about, spec }) => (
            <button key={title} type="button" className="example" onClick={() => edit(specText(spec))}>
              <b>{title}</b>
              <span>{about}</span>
            </button>
          ))}
          <p className="muted">
            Lanes are fixed for the run, workers are not: any number of them drives the same lanes and trains the same
            weights. The global batch is lanes × laneBatchSize.
          </p>
        </aside>
      </div>
    </form>
  );
}

interface FaultListProps {
  readonly faults: readonly Fault[];
  readonly text: string;
  readonly onPick: (line: number) => void;
}

function FaultList({ faults, text, onPick }: FaultListProps) {
  if (faults.length === 0) return null;
  return (
    <ul className="faults">
      {faults.map(({ path, message }) => {
        const line = path === '' ? null : lineOfPath(text, path);
        return (
          <li key={`${path} ${message}`}>
            {line === null ? null : (
              <button type="button" className="copy" onClick={() => onPick(line)}>
                line {line + 1}
              </button>
            )}
            {path === '' ? null : <code>{path}</code>} {message}
          </li>
        );
      })}
    </ul>
  );
}

function faultsOf(error: Error | null): readonly Fault[] {
  if (error === null) return [];
  const named = error instanceof ApiError ? (error.problem?.errors ?? []) : [];
  return named.length > 0 ? named : [{ path: '', message: error.message }];
}

function syntaxFaultOf(text: string): Fault | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return { path: '', message: `Not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function selectLine(editor: HTMLTextAreaElement | null, line: number): void {
  if (editor === null) return;
  const lines = editor.value.split('\n');
  const from = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(from, from + (lines[line]?.length ?? 0));
}
