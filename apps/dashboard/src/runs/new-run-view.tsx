import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'react-router';
import { datasetQuery } from '../api/datasets.js';
import { Absent } from '../components/absent.js';
import { useTitle } from '../components/use-title.js';
import { CloneView } from './clone-view.js';
import { EXAMPLE_SPECS, specText } from './example-spec.js';
import { NamedDatasets } from './named-datasets.js';
import { exampleFor } from './spec-dataset.js';
import { SpecForm } from './spec-form.js';

/** `/new`: a run's spec as JSON, from an example; with `?from=RUN` from another run, with `?dataset=NAME` for a data set. */
export function NewRunView() {
  const [search] = useSearchParams();
  const from = search.get('from');
  if (from !== null) return <CloneView key={from} id={from} checkpoint={search.get('checkpoint')} />;
  const dataset = search.get('dataset');
  if (dataset !== null) return <ForDataset key={dataset} name={dataset} />;
  return <FromExample initialText={specText(EXAMPLE_SPECS[0]?.spec ?? {})} />;
}

function ForDataset({ name }: { readonly name: string }) {
  const { data, error } = useQuery(datasetQuery(name));
  if (data !== undefined) return <FromExample initialText={exampleFor(data)} />;
  return (
    <Absent what="data set" id={name} error={error} list={{ path: '/datasets', title: 'To the list of data sets' }} />
  );
}

function FromExample({ initialText }: { readonly initialText: string }) {
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
      initialText={initialText}
      path="v1/runs"
      bodyOf={(text) => text}
      aside={(text, edit) => (
        <aside aria-label="Examples">
          <NamedDatasets text={text} onEdit={edit} />
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
