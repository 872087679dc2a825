import type { DatasetVersion } from '#contracts';
import { type Column, DataTable } from '../components/data-table.js';
import { Digest } from '../components/digest.js';
import { useNow } from '../components/use-now.js';
import { formatAgo, formatCount } from '../format/format.js';

/** What the data set was and is, the newest first: other samples make another version. */
export function VersionsPanel({ versions }: { readonly versions: readonly DatasetVersion[] }) {
  const now = useNow();
  return (
    <section className="panel" aria-labelledby="versions-title">
      <header className="panel-head">
        <h2 id="versions-title">Versions</h2>
      </header>
      {versions.length === 0 ? (
        <p className="muted">None before the survey has ended well.</p>
      ) : (
        <div className="table-wide" tabIndex={0} role="group" aria-label="Versions">
          <DataTable
            label="Versions"
            columns={columnsAt(now)}
            rows={versions}
            keyOf={({ version }) => String(version)}
          />
        </div>
      )}
    </section>
  );
}

function columnsAt(now: number): readonly Column<DatasetVersion>[] {
  return [
    { title: 'Version', render: ({ version }) => version },
    {
      title: 'Found',
      render: ({ surveyedAt }) => (
        <time title={new Date(surveyedAt).toLocaleString()}>{formatAgo(surveyedAt, now)}</time>
      ),
    },
    { title: 'Training', isNumeric: true, render: ({ numTrainSamples }) => formatCount(numTrainSamples) },
    { title: 'Validation', isNumeric: true, render: ({ numValidationSamples }) => formatCount(numValidationSamples) },
    { title: 'Classes', isNumeric: true, render: ({ numClasses }) => formatCount(numClasses) },
    { title: 'Left out', isNumeric: true, render: ({ numSkipped }) => formatCount(numSkipped) },
    {
      title: 'Digest',
      render: ({ version, digest }) => <Digest value={digest} name={`digest of version ${version}`} />,
    },
    { title: 'Location', render: ({ dataset }) => <code className="path">{dataset.path}</code> },
  ];
}
