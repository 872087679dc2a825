import type { RunView } from '#contracts';
import { weightsPath } from './checkpoints-panel.js';
import { CopyButton } from './copy-button.js';

/** What a finished run leaves: the digest of its weights and the file. */
export function WeightsPanel({ run }: { readonly run: RunView }) {
  if (run.weightsSha256 === null) return null;
  const last = run.checkpoints.find((checkpoint) => checkpoint.weightsSha256 === run.weightsSha256);
  return (
    <section className="panel weights" aria-labelledby="weights-title">
      <h2 id="weights-title">Final weights</h2>
      <p className="weights-digest">
        <span className="muted">SHA-256</span> <code>{run.weightsSha256}</code>
        <CopyButton text={run.weightsSha256} label="Copy SHA-256 of the final weights" />
      </p>
      {last === undefined ? null : (
        <a className="button primary" href={weightsPath(run.id, last.step)} download>
          Download weights
        </a>
      )}
    </section>
  );
}
