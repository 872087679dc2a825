import { isObject, MAX_RUN_NAME, type RunView } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { runPath, runQuery } from '../api/queries.js';
import { Absent } from '../components/absent.js';
import { useTitle } from '../components/use-title.js';
import { formatCount } from '../format/format.js';
import { specText } from './example-spec.js';
import { patchBetween, specChanges } from './spec-changes.js';
import { SpecForm } from './spec-form.js';

export interface CloneViewProps {
  /** The run that is cloned. */
  readonly id: string;
  /** A step, `newest` or `best`: the new run goes on from this checkpoint; null: it begins anew. */
  readonly checkpoint: string | null;
}

/** A new run after the model of another: its spec to change, with the changes beside it. */
export function CloneView({ id, checkpoint }: CloneViewProps) {
  const title = checkpoint === null ? 'Clone a run' : 'Resume as a new run';
  useTitle(title);
  const { data, error } = useQuery(runQuery(id, true));
  // The spec of the moment when it was opened: what is edited stays, whatever becomes of the run.
  const [opened, setOpened] = useState<RunView | null>(null);
  if (opened === null && data !== undefined) setOpened(data);
  if (opened === null)
    return <Absent what="run" id={id} error={error} list={{ path: '/', title: 'To the list of runs' }} />;
  return <CloneForm run={opened} checkpoint={checkpoint} title={title} />;
}

function CloneForm(props: { readonly run: RunView; readonly checkpoint: string | null; readonly title: string }) {
  const { run, checkpoint, title } = props;
  const proposed = { ...run.spec, name: nameOfClone(run.spec.name) };
  const bodyOf = (text: string): string => {
    const edited: unknown = JSON.parse(text);
    const changes = isObject(edited) ? patchBetween(run.spec, edited) : edited;
    return JSON.stringify({ changes, ...(checkpoint !== null && { checkpoint: checkpointOf(checkpoint) }) });
  };
  return (
    <SpecForm
      title={title}
      intro={
        <>
          From <Link to={`/runs/${run.id}`}>{run.spec.name}</Link> (<code>{run.id}</code>).{' '}
          {checkpoint === null
            ? 'The new run begins at step 0.'
            : `The new run goes on from ${checkpointWords(checkpoint)} with a copy of its weights, optimiser state and place in the data. Its length, optimiser and workers can change; what the place or the vectors depend on cannot.`}
        </>
      }
      initialText={specText(proposed)}
      path={`${runPath(run.id)}/clone`}
      bodyOf={bodyOf}
      aside={(text) => <Changes was={run.spec} text={text} />}
    />
  );
}

/** What differs from the run that is cloned. */
function Changes({ was, text }: { readonly was: RunView['spec']; readonly text: string }) {
  const changes = changesOf(was, text);
  return (
    <aside aria-labelledby="changes-title">
      <h2 id="changes-title">Changes to the original</h2>
      {changes === null ? <p className="muted">The text is no JSON.</p> : null}
      {changes?.length === 0 ? <p className="muted">None.</p> : null}
      <ul className="changes">
        {changes?.map(({ path, was: before, is }) => (
          <li key={path}>
            <code>{path}</code>
            {before === null ? null : <del>{before}</del>} {is === null ? null : <ins>{is}</ins>}
          </li>
        ))}
      </ul>
    </aside>
  );
}

function changesOf(was: RunView['spec'], text: string) {
  try {
    return specChanges(was, JSON.parse(text));
  } catch {
    // While one types, the text is no JSON for a moment; the editor says what is wrong with it.
    return null;
  }
}

/** As the coordinator would call it. */
function nameOfClone(name: string): string {
  const suffix = ' clone';
  return `${name.slice(0, MAX_RUN_NAME - suffix.length)}${suffix}`;
}

function checkpointOf(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function checkpointWords(checkpoint: string): string {
  const step = checkpointOf(checkpoint);
  return typeof step === 'number' ? `the checkpoint of step ${formatCount(step)}` : `the ${step} checkpoint`;
}
