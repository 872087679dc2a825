import { type FormEvent, useState } from 'react';
import type { StepRange } from './step-range.js';

export interface StepRangeFormProps {
  readonly range: StepRange | null;
  /** The newest step of the run. */
  readonly lastStep: number;
  readonly onRange: (range: StepRange | null) => void;
}

/** Which steps the charts show: for the keyboard, and to the step; the pointer marks them in a chart. */
export function StepRangeForm({ range, lastStep, onRange }: StepRangeFormProps) {
  const [from, setFrom] = useState(range === null ? '' : String(range.from));
  const [to, setTo] = useState(range === null ? '' : String(range.to));
  const show = (event: FormEvent): void => {
    event.preventDefault();
    const next = { from: from === '' ? 1 : Number(from), to: to === '' ? lastStep : Number(to) };
    if (next.from < next.to) onRange(next);
  };
  return (
    <form className="step-range" onSubmit={show}>
      <label>
        Steps
        <input
          className="field"
          type="number"
          min={1}
          step={1}
          aria-label="First step shown"
          placeholder="1"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
      </label>
      <label>
        to
        <input
          className="field"
          type="number"
          min={from === '' ? 2 : Number(from) + 1}
          step={1}
          aria-label="Last step shown"
          placeholder={String(lastStep)}
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </label>
      <button type="submit" className="copy">
        show
      </button>
      {range === null ? (
        <span className="hint">or drag in a chart</span>
      ) : (
        <button type="button" className="copy" onClick={() => onRange(null)}>
          whole run
        </button>
      )}
    </form>
  );
}
