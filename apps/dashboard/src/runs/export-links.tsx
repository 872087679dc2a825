import type { RunView } from '#contracts';
import { runPath } from '../api/queries.js';

const FORMATS = [
  { format: 'savedmodel', label: 'SavedModel' },
  { format: 'tfjs', label: 'TensorFlow.js' },
  { format: 'onnx', label: 'ONNX' },
  { format: 'safetensors', label: 'safetensors' },
] as const;

/** The network of the newest checkpoint in the formats of other programs, as downloads. */
export function ExportLinks({ run }: { readonly run: RunView }) {
  if (run.checkpoints.length === 0) return null;
  const isAverage = run.spec.regularization.ema !== undefined;
  return (
    <p className="export-links">
      <span className="muted">Export{isAverage ? ' (averaged weights)' : ''}</span>
      {FORMATS.map(({ format, label }) => (
        <a key={format} href={`${runPath(run.id)}/exports/${format}`} download>
          {label}
        </a>
      ))}
    </p>
  );
}
