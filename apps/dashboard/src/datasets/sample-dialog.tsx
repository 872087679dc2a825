import type { DatasetSamples } from '#contracts';
import { useEffect, useRef, useState } from 'react';
import { samplePath } from '../api/datasets.js';
import { formatBytes, formatCount } from '../format/format.js';
import { SampleImage } from './sample-image.js';

const NUM_DRAWS = 6;

export interface SampleDialogProps {
  readonly name: string;
  /** Of the version that the sample is of. */
  readonly digest: string;
  readonly split: 'train' | 'val';
  readonly sample: DatasetSamples['samples'][number];
  readonly className: string;
  readonly onDismiss: () => void;
}

/** One sample: as it is stored, and some of the ways in which training sees it. */
export function SampleDialog({ name, digest, split, sample, className, onDismiss }: SampleDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [firstDraw, setFirstDraw] = useState(0);
  useEffect(() => dialog.current?.showModal(), []);
  const { width, height, sizeBytes, description } = sample;
  const of = { digest, split, sample: sample.sample };
  return (
    <dialog
      ref={dialog}
      className="dialog sample-dialog"
      aria-labelledby="sample-title"
      onCancel={onDismiss}
      onClose={onDismiss}
    >
      <h2 id="sample-title">{className}</h2>
      <p className="muted path">
        {description} · {width === 0 ? '' : `${formatCount(width)} × ${formatCount(height)} pixels, `}
        {formatBytes(sizeBytes)} · sample {formatCount(sample.sample)}
      </p>
      <div className="sample-looks">
        <figure>
          <SampleImage
            path={samplePath(name, { ...of, view: 'stored', seed: 0, side: 512 })}
            alt={`${className} as stored`}
          />
          <figcaption>as stored</figcaption>
        </figure>
        <figure>
          <div className="sample-draws">
            {Array.from({ length: NUM_DRAWS }, (_, index) => firstDraw + index).map((seed) => (
              <SampleImage
                key={seed}
                path={samplePath(name, { ...of, view: 'augmented', seed })}
                alt={`${className}, draw ${seed + 1}`}
              />
            ))}
          </div>
          <figcaption>as augmented</figcaption>
        </figure>
      </div>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={() => setFirstDraw(firstDraw + NUM_DRAWS)}>
          Draw again
        </button>
        <button type="button" className="button" autoFocus onClick={onDismiss}>
          Close
        </button>
      </div>
    </dialog>
  );
}
