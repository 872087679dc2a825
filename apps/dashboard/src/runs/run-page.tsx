import type { RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { workersQuery } from '../api/queries.js';
import type { RunStream } from '../api/run-stream.js';
import { CheckpointsPanel } from './checkpoints-panel.js';
import { EventsList } from './events-list.js';
import { LedgerPanel } from './ledger-panel.js';
import { NotesPanel } from './notes-panel.js';
import { RunFigures } from './run-figures.js';
import { RunHeader } from './run-header.js';
import { RunMessage } from './run-message.js';
import { ShardCachesPanel } from './shard-caches-panel.js';
import { SpecPanel } from './spec-panel.js';
import { WarningsPanel } from './warnings-panel.js';
import { WeightsPanel } from './weights-panel.js';
import { EvaluationsPanel } from '../evaluations/evaluations-panel.js';
import { LanesGrid } from '../lanes/lanes-grid.js';
import { TryImagePanel } from '../predictions/try-image-panel.js';
import { RunCharts } from './run-charts.js';
import { isOver } from './run-states.js';

/** Everything about one run, the most asked-for first. */
export function RunPage({ run, stream }: { readonly run: RunView; readonly stream: RunStream }) {
  const workers = useQuery(workersQuery());
  return (
    <article className="run">
      <RunHeader run={run} />
      <RunMessage run={run} />
      <WarningsPanel run={run} />
      <RunFigures run={run} />
      <WeightsPanel run={run} />
      <NotesPanel run={run} />
      <RunCharts run={run} />
      <ShardCachesPanel run={run} />
      <LanesGrid
        run={run}
        heartbeats={workers.data ?? []}
        isActive={!isOver(run.state) && run.state !== 'paused' && run.state !== 'pending'}
      />
      <div className="columns">
        <EventsList events={stream.events} status={stream.status} />
        <div className="column">
          <CheckpointsPanel run={run} />
          <LedgerPanel run={run} />
        </div>
      </div>
      <TryImagePanel run={run} />
      <EvaluationsPanel run={run} />
      <SpecPanel run={run} />
    </article>
  );
}
