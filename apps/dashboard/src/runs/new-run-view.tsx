import { useSearchParams } from 'react-router';
import { useTitle } from '../components/use-title.js';
import { CloneView } from './clone-view.js';
import { EXAMPLE_SPECS, specText } from './example-spec.js';
import { SpecForm } from './spec-form.js';

/** `/new`: a run's spec as JSON, from an example; with `?from=RUN` from another run. */
export function NewRunView() {
  const [search] = useSearchParams();
  const from = search.get('from');
  return from === null ? <FromExample /> : <CloneView key={from} id={from} checkpoint={search.get('checkpoint')} />;
}

function FromExample() {
  useTitle('New run');
  return (
    <SpecForm
      title="New run"
      intro={
        <>
          A run’s spec in JSON. Everything but name, model, dataset and epochs has a default; <a href="docs">the API</a>{' '}
          describes each field.
        </>
      }
      initialText={EXAMPLE_SPECS.slice(0, 1)
        .map(({ spec }) => specText(spec))
        .join('')}
      path="v1/runs"
      bodyOf={(text) => text}
      aside={(_text, edit) => (
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
      )}
    />
  );
}
