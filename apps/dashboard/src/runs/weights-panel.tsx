import type { RunView } from '#contracts';
import { averagePath, weightsPath } from './checkpoints-panel.js';
import { CopyButton } from '../components/copy-button.js';

/** What a finished run leaves: the digest of its weights and the file; of a run that averages them, the average first. */
export function WeightsPanel({ run }: { readonly run: RunView }) {
  if (run.weightsSha256 === null) return null;
  const last = run.checkpoints.find((checkpoint) => checkpoint.weightsSha256 === run.weightsSha256);
  const average = last?.averageSha256;
  return (
    <section className="panel weights" aria-labelledby="weights-title">
      <h2 id="weights-title">Final weights</h2>
      <WeightsDigest sha256={run.weightsSha256} label="SHA-256" of="the final weights" />
      {average === undefined ? null : <WeightsDigest sha256={average} label="of their average" of="the average" />}
      {last === undefined ? null : (
        <div className="weights-files">
          {average === undefined ? null : (
            <a className="button primary" href={averagePath(run.id, last.step)} download>
              Download average
            </a>
          )}
          <a
            className={average === undefined ? 'button primary' : 'button'}
            href={weightsPath(run.id, last.step)}
            download
          >
            Download weights
          </a>
        </div>
      )}
    </section>
  );
}

interface WeightsDigestProps {
  readonly sha256: string;
  readonly label: string;
  readonly of: string;
}

function WeightsDigest({ sha256, label, of }: WeightsDigestProps) {
  return (
    <p className="weights-digest">
      <span className="muted">{label}</span> <code>{sha256}</code>
      <CopyButton text={sha256} label={`Copy SHA-256 of ${of}`} />
    </p>
  );
}
