import type { RunView } from '#contracts';
import { Link } from 'react-router';
import { formatCount } from '../format/format.js';
import { RunCommands } from './run-commands.js';
import { RunName } from './run-name.js';
import { RunTags } from './run-tags.js';

/** Name, state, what is trained, where it comes from, its tags, and what can be done about it. */
export function RunHeader({ run }: { readonly run: RunView }) {
  const { spec, origin } = run;
  return (
    <header className="run-header">
      <div>
        <p className="crumb">
          <Link to="/">Runs</Link> <span aria-hidden="true">/</span> <code>{run.id}</code>
          {run.studyId === null ? null : (
            <>
              {' '}
              of <Link to={`/studies/${run.studyId}`}>a study</Link>
            </>
          )}
          {origin === null ? null : (
            <>
              {' · '}
              {origin.step === null ? 'cloned from ' : `goes on from step ${formatCount(origin.step)} of `}
              <Link to={`/runs/${origin.runId}`}>{origin.runId}</Link>
            </>
          )}
        </p>
        <RunName run={run} />
        <p className="run-what">
          {spec.model.architecture} · {spec.lanes} {spec.lanes === 1 ? 'lane' : 'lanes'} × {spec.laneBatchSize} images ·{' '}
          {run.dataset.classes.length} classes · {spec.precision}
          {spec.wire === 'fp32' ? '' : ` (${spec.wire} wire)`}
          {spec.bits === 'exact' ? '' : ' · fast bits'} · seed {spec.seed}
        </p>
        <RunTags run={run} />
      </div>
      <RunCommands run={run} />
    </header>
  );
}
