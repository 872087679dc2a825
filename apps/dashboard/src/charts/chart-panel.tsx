import { type ReactNode, useId } from 'react';
import { UNKNOWN } from '../format/format.js';

/** One entry of a legend. */
interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly value: string;
}

export interface ChartPanelProps {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  /** Where the legend's values are taken: the pointer's place, or the newest. */
  readonly place: string;
  readonly xAxis: string;
  readonly isEmpty: boolean;
  readonly emptyText: string;
  readonly children: ReactNode;
}

/** Title, legend with live values and a drawing; its height never changes, whatever is known. */
export function ChartPanel({ title, legend, place, xAxis, isEmpty, emptyText, children }: ChartPanelProps) {
  const titleId = useId();
  const summary = `${title}, ${place}: ${legend.map(({ label, value }) => `${label} ${value}`).join(', ')}`;
  return (
    <section className="panel chart" aria-labelledby={titleId} data-x-axis={xAxis}>
      <header className="panel-head">
        <h2 id={titleId}>{title}</h2>
        <span className="chart-place">{isEmpty ? UNKNOWN : place}</span>
      </header>
      <ul className="legend">
        {legend.map(({ label, colour, value }) => (
          <li key={label}>
            <span className="swatch" style={{ background: `var(${colour})` }} aria-hidden="true" />
            {label}
            <b>{value}</b>
          </li>
        ))}
      </ul>
      <div className="chart-body" role="img" aria-label={summary}>
        {children}
        {isEmpty ? <p className="chart-empty">{emptyText}</p> : null}
      </div>
    </section>
  );
}
