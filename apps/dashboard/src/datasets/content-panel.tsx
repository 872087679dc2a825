import type { DatasetContent, DatasetVersion } from '#contracts';
import { Digest } from '../components/digest.js';
import { formatBytes, formatCount, formatPercent, UNKNOWN } from '../format/format.js';

interface ContentPanelProps {
  readonly newest: Omit<DatasetVersion, 'dataset'>;
  /** Null where its survey is not kept any more. */
  readonly content: DatasetContent | null;
}

/** What the newest version is: images, formats, sizes. */
export function ContentPanel({ newest, content }: ContentPanelProps) {
  const { version, digest, numTrainSamples, numValidationSamples, numClasses } = newest;
  return (
    <section className="panel figures" aria-labelledby="content-title">
      <header className="panel-head">
        <h2 id="content-title">Version {version}</h2>
        <Digest value={digest} name="the digest of the data set" />
      </header>
      <dl>
        <Figure title="training images" value={formatCount(numTrainSamples)} />
        <Figure title="validation images" value={formatCount(numValidationSamples)} />
        <Figure title="classes" value={formatCount(numClasses)} />
        {content === null ? null : (
          <>
            <Figure title="median size" value={sizeText(content)} />
            <Figure title="smallest to largest" value={sidesText(content)} />
            <Figure title="median file" value={formatSize(content.sizeBytes?.median)} />
            <Figure title="largest file" value={formatSize(content.sizeBytes?.max)} />
          </>
        )}
      </dl>
      {content === null ? null : <Formats content={content} />}
    </section>
  );
}

function Figure({ title, value }: { readonly title: string; readonly value: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd data-unknown={value === UNKNOWN}>{value}</dd>
    </div>
  );
}

function Formats({ content }: { readonly content: DatasetContent }) {
  const { formats, numTurned, numWithProfile } = content;
  const counts = Object.entries(formats).sort(([, left], [, right]) => right - left);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  const turned = numTurned === 0 ? [] : [`${formatCount(numTurned)} turned by EXIF`];
  const profiles =
    numWithProfile === 0 ? [] : [`${formatCount(numWithProfile)} with a colour profile, which is not applied`];
  const words = counts.map(([format, count]) => `${formatCount(count)} ${format} (${formatPercent(count / total)})`);
  return <p className="muted formats">{[...words, ...turned, ...profiles].join(' · ')}</p>;
}

function sizeText({ width, height }: DatasetContent): string {
  return width === null || height === null ? UNKNOWN : `${formatCount(width.median)} × ${formatCount(height.median)}`;
}

function sidesText({ width, height }: DatasetContent): string {
  if (width === null || height === null) return UNKNOWN;
  return `${formatCount(Math.min(width.min, height.min))} to ${formatCount(Math.max(width.max, height.max))}`;
}

const formatSize = (bytes: number | undefined): string => (bytes === undefined ? UNKNOWN : formatBytes(bytes));
