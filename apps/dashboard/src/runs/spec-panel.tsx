import type { RunView } from '#contracts';
import { Link } from 'react-router';
import { CopyButton } from '../components/copy-button.js';
import { Digest } from '../components/digest.js';
import { datasetWords } from './dataset-words.js';
import { stopRules } from './stop-words.js';

/** The run as it was submitted, with its defaults filled in, and what its bits depend on. */
export function SpecPanel({ run }: { readonly run: RunView }) {
  const text = JSON.stringify(run.spec, null, 2);
  const rules = stopRules(run.spec);
  const words = datasetWords(run.spec.dataset);
  return (
    <section className="panel spec" aria-labelledby="spec-title">
      <header className="panel-head">
        <h2 id="spec-title">Spec</h2>
        <CopyButton text={text} label="Copy the spec" />
      </header>
      <dl className="facts">
        <dt>fingerprint</dt>
        <dd>
          <Digest value={run.fingerprint} name="the compute fingerprint" length={40} />
        </dd>
        <dt>data set</dt>
        <dd>
          <DatasetName dataset={run.spec.dataset} />
        </dd>
        <dt>samples</dt>
        <dd>
          {run.dataset.numTrainSamples.toLocaleString('en-US')} train,{' '}
          {run.dataset.numValidationSamples.toLocaleString('en-US')} validation{' '}
          <Digest value={run.dataset.digest} name="the digest of the data set" />
        </dd>
        {words.length === 0 ? null : (
          <>
            <dt>read</dt>
            <dd>{words.join(', ')}</dd>
          </>
        )}
        {rules.length === 0 ? null : (
          <>
            <dt>stops at</dt>
            <dd>{rules.join(', or ')}</dd>
          </>
        )}
        <dt>incarnation</dt>
        <dd>{run.incarnation}</dd>
      </dl>
      <pre tabIndex={0} aria-label="Spec as JSON">
        {text}
      </pre>
    </section>
  );
}

/** Its name on the coordinator where the run gave one, and where and what it is. */
function DatasetName({ dataset }: { readonly dataset: RunView['spec']['dataset'] }) {
  const { kind, path, name } = dataset;
  return (
    <>
      {name === undefined ? null : (
        <>
          <Link to={`/datasets/${encodeURIComponent(name.replace(/@.*/, ''))}`}>{name}</Link> ·{' '}
        </>
      )}
      {kind} · <code className="path">{path}</code>
    </>
  );
}
