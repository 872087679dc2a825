import type { DatasetContent, DatasetSamples } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { SAMPLES_A_PAGE, samplePath, samplesQuery } from '../api/datasets.js';
import { ErrorNotice } from '../components/error-notice.js';
import { Segmented } from '../components/segmented.js';
import { Tag } from '../components/tag.js';
import { formatCount } from '../format/format.js';
import type { SampleAddress } from './sample-address.js';
import { SampleDialog } from './sample-dialog.js';
import { SampleImage } from './sample-image.js';

export interface SamplesPanelProps {
  readonly name: string;
  /** Of the version that is shown. */
  readonly digest: string;
  readonly classes: DatasetContent['classes'];
  readonly address: SampleAddress;
  readonly onGo: (change: Partial<SampleAddress>) => void;
}

type Sample = DatasetSamples['samples'][number];

/** A wall of samples, as they are stored or as training sees them. */
export function SamplesPanel({ name, digest, classes, address, onGo }: SamplesPanelProps) {
  const { split, label, page, view, draw } = address;
  const { data, error } = useQuery(samplesQuery(name, digest, address));
  const [opened, setOpened] = useState<Sample | null>(null);
  const nameOf = (of: number): string => classes[of]?.readableName ?? String(of);
  return (
    <section className="panel samples" aria-labelledby="samples-title">
      <header className="panel-head">
        <h2 id="samples-title">Samples</h2>
        <span className="chart-place" role="status">
          {data === undefined ? '' : placeText(data, page)}
        </span>
      </header>
      <div className="filters">
        <Segmented
          label="Split"
          value={split}
          options={[
            { value: 'train', label: 'Training' },
            { value: 'val', label: 'Validation' },
          ]}
          onChange={(value) => onGo({ split: value })}
        />
        <Segmented
          label="Samples"
          value={view}
          options={[
            { value: 'stored', label: 'As stored' },
            { value: 'augmented', label: 'As augmented' },
          ]}
          onChange={(value) => onGo({ view: value, page })}
        />
        {view === 'augmented' ? (
          <button type="button" className="button" onClick={() => onGo({ draw: draw + 1, page })}>
            Draw again
          </button>
        ) : null}
        {label === null ? null : (
          <Tag name={`the filter by class ${nameOf(label)}`} onRemove={() => onGo({ label: null })}>
            {nameOf(label)}
          </Tag>
        )}
      </div>
      {error === null ? null : <ErrorNotice error={error} />}
      <ul className="sample-wall">
        {data?.samples.map((sample) => (
          <li key={sample.sample}>
            <button type="button" onClick={() => setOpened(sample)}>
              <SampleImage
                path={samplePath(name, { digest, split, sample: sample.sample, view, seed: draw })}
                alt={`${nameOf(sample.label)}: ${sample.description}`}
              />
              <span className="class-name">{nameOf(sample.label)}</span>
            </button>
          </li>
        ))}
      </ul>
      <nav className="pager" aria-label="Pages of samples">
        <button type="button" className="button" disabled={page === 0} onClick={() => onGo({ page: page - 1 })}>
          Before
        </button>
        <button
          type="button"
          className="button"
          disabled={data === undefined || (page + 1) * SAMPLES_A_PAGE >= data.total}
          onClick={() => onGo({ page: page + 1 })}
        >
          Next
        </button>
      </nav>
      {opened === null ? null : (
        <SampleDialog
          name={name}
          digest={digest}
          split={split}
          sample={opened}
          className={nameOf(opened.label)}
          onDismiss={() => setOpened(null)}
        />
      )}
    </section>
  );
}

function placeText({ total, samples }: DatasetSamples, page: number): string {
  if (samples.length === 0) return total === 0 ? 'none' : `${formatCount(total)} in all`;
  const from = page * SAMPLES_A_PAGE;
  return `${formatCount(from + 1)}–${formatCount(from + samples.length)} of ${formatCount(total)}`;
}
