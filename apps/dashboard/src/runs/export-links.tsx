import { EXPORT_FORMAT_NAMES, EXPORT_FORMATS, type RunView } from '#contracts';
import { runPath } from '../api/queries.js';

/** The network of the newest checkpoint in the formats of other programs, as downloads. */
export function ExportLinks({ run }: { readonly run: RunView }) {
  if (run.checkpoints.length === 0) return null;
  const isAverage = run.spec.regularization.ema !== undefined;
  return (
    <p className="export-links">
      <span className="muted">Export{isAverage ? ' (averaged weights)' : ''}</span>
      {EXPORT_FORMAT_NAMES.map((format) => (
        <a key={format} href={`${runPath(run.id)}/exports/${format}`} download>
          {EXPORT_FORMATS[format].label}
        </a>
      ))}
    </p>
  );
}
