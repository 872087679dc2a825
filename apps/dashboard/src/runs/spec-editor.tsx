import type { Problem } from '#contracts';
import { type ReactNode, useRef } from 'react';
import { lineOfPath } from './json-location.js';

type Faults = NonNullable<Problem['errors']>;

export interface SpecEditorProps {
  readonly text: string;
  /** By the path in the spec; an empty path: of the whole. */
  readonly faults: Faults;
  readonly onEdit: (text: string) => void;
  readonly aside: ReactNode;
}

/** A spec as JSON text, with its faults above and what helps beside it. */
export function SpecEditor({ text, faults, onEdit, aside }: SpecEditorProps) {
  const editor = useRef<HTMLTextAreaElement>(null);
  return (
    <>
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
            onChange={(event) => onEdit(event.target.value)}
            rows={text.split('\n').length + 1}
            spellCheck={false}
            autoCapitalize="off"
            aria-invalid={faults.length > 0}
            aria-describedby="spec-faults"
          />
        </div>
        {aside}
      </div>
    </>
  );
}

interface FaultListProps {
  readonly faults: Faults;
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

function selectLine(editor: HTMLTextAreaElement | null, line: number): void {
  if (editor === null) return;
  const lines = editor.value.split('\n');
  const from = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(from, from + (lines[line]?.length ?? 0));
}
