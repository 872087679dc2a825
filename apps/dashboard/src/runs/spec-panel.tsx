import type { RunView } from '#contracts';
import { CopyButton } from '../components/copy-button.js';
import { Digest } from '../components/digest.js';
import { stopRules } from './stop-words.js';

/** The run as it was submitted, with its defaults filled in, and what its bits depend on. */
export function SpecPanel({ run }: { readonly run: RunView }) {
  const text = JSON.stringify(run.spec, null, 2);
  const rules = stopRules(run.spec);
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
          {run.dataset.numTrainSamples.toLocaleString('en-US')} train,{' '}
          {run.dataset.numValidationSamples.toLocaleString('en-US')} validation{' '}
          <Digest value={run.dataset.digest} name="the digest of the data set" />
        </dd>
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
