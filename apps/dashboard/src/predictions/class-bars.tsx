import { printable, type Prediction } from '#contracts';
import { formatPercent } from '../format/format.js';

export interface ClassBarsProps {
  readonly prediction: Prediction;
  readonly isBusy: boolean;
  /** Asks for the place of another class. */
  readonly onClass: (name: string) => void;
}

/** The most probable classes; a click shows where a class was seen. */
export function ClassBars({ prediction, isBusy, onClass }: ClassBarsProps) {
  return (
    <ol className="class-bars" aria-label="Most probable classes">
      {prediction.classes.map(({ index, name, probability }) => (
        <li key={index}>
          <button
            type="button"
            aria-pressed={prediction.overlay?.ofClass === index}
            disabled={isBusy}
            title={`Where ${printable(name)} was seen`}
            onClick={() => onClass(name)}
          >
            <span className="class-name">{printable(name)}</span>
            <span className="class-share">{formatPercent(probability)}</span>
            <span className="class-bar" aria-hidden="true">
              <span style={{ transform: `scaleX(${probability})` }} />
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
