import type { RunView, Slowness, WorkerHeartbeat } from '#contracts';
import { useEffect, useRef, useState } from 'react';
import { formatCount } from '../format/format.js';
import { describeLanes, laneRows, rememberWorkers, type LaneRow } from './lane-rows.js';
import { slownessTitle, slownessWords } from './slowness-words.js';

export interface LanesGridProps {
  readonly run: RunView;
  readonly heartbeats: readonly WorkerHeartbeat[];
  /** False once the run is over: then nobody drives a lane, and that is no fault. */
  readonly isActive: boolean;
}

const NUM_COLOURS = 8;

/**
 * Rows are workers, columns are lanes. Every lane is one token that slides to the row of the worker which drives it, so
 * a lane changing hands is seen as a movement.
 */
export function LanesGrid({ run, heartbeats, isActive }: LanesGridProps) {
  const [seen, setSeen] = useState<readonly string[]>([]);
  const owners = run.lanes;
  const present = [...run.workers, ...owners.flatMap(({ workerId }) => (workerId === null ? [] : [workerId]))];
  const known = rememberWorkers(seen, [...new Set(present)]);
  useEffect(() => setSeen(known), [known.length]); // eslint-disable-line react-hooks/exhaustive-deps
  const rows = laneRows(owners, run.workers, known);
  const rowOf = (workerId: string | null): number => rows.findIndex((row) => row.workerId === workerId);
  const numOrphans = rows.at(-1)?.lanes.length ?? 0;
  return (
    <section className="panel lanes" aria-labelledby="lanes-title" data-active={isActive}>
      <header className="panel-head">
        <h2 id="lanes-title">Lanes and workers</h2>
        <span className="chart-place" aria-live="polite">
          {summaryOf(run, numOrphans, isActive)}
        </span>
      </header>
      <div className="lanes-scroll" tabIndex={0} role="group" aria-label="Who drives which lane">
        <div className="lanes-grid" style={{ '--lanes': owners.length, '--rows': rows.length }}>
          <ol className="lanes-rows">
            {rows.map((row) => (
              <WorkerRow
                key={row.workerId ?? ''}
                row={row}
                colour={colourOf(row.workerId, known)}
                heartbeats={heartbeats}
                slowness={run.stragglerReport.find(({ workerId }) => workerId === row.workerId)?.slowness ?? null}
              />
            ))}
          </ol>
          <ol className="lanes-tokens" aria-hidden="true">
            {owners.map(({ lane, workerId }) => (
              <LaneToken
                key={lane}
                lane={lane}
                workerId={workerId}
                row={rowOf(workerId)}
                colour={colourOf(workerId, known)}
              />
            ))}
          </ol>
        </div>
      </div>
    </section>
  );
}

function summaryOf(run: RunView, numOrphans: number, isActive: boolean): string {
  const lanes = `${run.lanes.length} ${run.lanes.length === 1 ? 'lane' : 'lanes'}`;
  if (!isActive) return `${lanes}, at rest`;
  const workers = `${run.workers.length} ${run.workers.length === 1 ? 'worker' : 'workers'}`;
  return numOrphans === 0 ? `${lanes} on ${workers}` : `${lanes} on ${workers}, ${numOrphans} waiting for one`;
}

function colourOf(workerId: string | null, known: readonly string[]): string {
  return workerId === null ? 'var(--line-strong)' : `var(--worker-${known.indexOf(workerId) % NUM_COLOURS})`;
}

interface WorkerRowProps {
  readonly row: LaneRow;
  readonly colour: string;
  readonly heartbeats: readonly WorkerHeartbeat[];
  readonly slowness: Slowness | null;
}

function WorkerRow({ row, colour, heartbeats, slowness }: WorkerRowProps) {
  const heartbeat = heartbeats.find(({ workerId }) => workerId === row.workerId);
  const what = row.workerId === null ? 'not driven' : row.isPresent ? (heartbeat?.device ?? '') : 'left';
  return (
    <li className="lanes-row" data-present={row.isPresent} data-worker={row.workerId ?? ''}>
      <span className="lanes-label">
        <span className="swatch" style={{ background: colour }} aria-hidden="true" />
        <span className="lanes-name" title={row.workerId ?? undefined}>
          {row.workerId ?? 'no worker'}
        </span>
        <span className="lanes-device">
          {slowness === null ? null : (
            <>
              <b className="lanes-slow" title={slownessTitle(slowness)}>
                {slownessWords(slowness)}
              </b>
              {' · '}
            </>
          )}
          {what}
          {heartbeat?.round == null ? '' : ` · round ${formatCount(heartbeat.round)}`}
        </span>
        <span className="visually-hidden">
          {row.lanes.length === 0 ? 'drives no lane' : `lanes ${describeLanes(row.lanes)}`}
        </span>
      </span>
    </li>
  );
}

interface LaneTokenProps {
  readonly lane: number;
  readonly workerId: string | null;
  readonly row: number;
  readonly colour: string;
}

function LaneToken({ lane, workerId, row, colour }: LaneTokenProps) {
  const token = useRef<HTMLLIElement>(null);
  const previous = useRef(workerId);
  useEffect(() => {
    if (previous.current === workerId) return;
    previous.current = workerId;
    const element = token.current;
    if (element === null || matchMedia('(prefers-reduced-motion: reduce)').matches) return;
    element.animate([{ filter: 'brightness(1.7)' }, { filter: 'none' }], { duration: 900, easing: 'ease-out' });
  }, [workerId]);
  return (
    <li
      ref={token}
      className="lanes-token"
      data-lane={lane}
      data-worker={workerId ?? ''}
      title={`Lane ${lane}: ${workerId ?? 'no worker'}`}
      style={{ '--lane': lane, '--row': row, '--colour': colour }}
    >
      <span>{lane}</span>
    </li>
  );
}
