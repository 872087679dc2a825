import { type FormEvent, type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { useSubmitRun } from '../api/commands.js';
import { faultsOf } from '../api/http.js';
import { newIdempotencyKey } from '../api/submissions.js';
import { SpecEditor } from './spec-editor.js';

export interface SpecFormProps {
  readonly title: string;
  readonly intro: ReactNode;
  readonly initialText: string;
  /** Where it is submitted to, and as what. */
  readonly path: string;
  readonly bodyOf: (text: string) => string;
  /** Beside the editor. */
  readonly aside: (text: string, edit: (text: string) => void) => ReactNode;
}

/** Edits a spec and submits it; the coordinator's findings are shown with the line they are about. */
export function SpecForm({ title, intro, initialText, path, bodyOf, aside }: SpecFormProps) {
  const navigate = useNavigate();
  const [progress, setProgress] = useState('');
  const submit = useSubmitRun(path, setProgress);
  const [text, setText] = useState(initialText);
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
    submit.mutate({ body: bodyOf(text), idempotencyKey }, { onSuccess: (run) => void navigate(`/runs/${run.id}`) });
  };
  return (
    <form className="new-run" onSubmit={send}>
      <div className="page-head">
        <h1>{title}</h1>
        <button type="submit" className="button primary" disabled={submit.isPending || syntaxFault !== null}>
          {submit.isPending ? 'Submitting…' : 'Submit'}
        </button>
      </div>
      <p className="muted">{intro}</p>
      <p role="status">{submit.isPending ? progress : ''}</p>
      <SpecEditor
        text={text}
        faults={syntaxFault === null ? faultsInSpec(submit.error) : [{ path: '', message: syntaxFault }]}
        onEdit={edit}
        aside={aside(text, edit)}
      />
    </form>
  );
}

/** A clone's faults lie in its changes, which are shown as the spec that they make. */
function faultsInSpec(error: Error | null): ReturnType<typeof faultsOf> {
  return faultsOf(error).map(({ path, message }) => ({ path: path.replace(/^changes(\.|$)/, ''), message }));
}

function syntaxFaultOf(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `Not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
