import type { DatasetContent, DatasetVersion } from '#contracts';
import { counted, formatCount } from '../format/format.js';

interface LeftOutPanelProps {
  readonly newest: Omit<DatasetVersion, 'dataset'>;
  readonly content: DatasetContent;
}

/** What lies there and is not trained on, and why. */
export function LeftOutPanel({ newest, content }: LeftOutPanelProps) {
  const { others, broken, numBroken } = content;
  const numOthers = others.reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="panel" aria-labelledby="left-out-title">
      <header className="panel-head">
        <h2 id="left-out-title">Left out</h2>
        <span className="chart-place">
          {numOthers + numBroken === 0
            ? 'nothing'
            : `${counted(numOthers, 'other file')}, ${counted(numBroken, 'unreadable image')}`}
        </span>
      </header>
      {numOthers === 0 ? null : (
        <>
          <h3>Files that are no images</h3>
          <ul className="lines">
            {others.map(({ extension, kind, count }) => (
              <li key={`${extension} ${kind}`}>
                {formatCount(count)} × <code>{extension === '' ? 'no extension' : extension}</code>: {kind}
              </li>
            ))}
          </ul>
        </>
      )}
      {numBroken === 0 ? null : (
        <>
          <h3>
            Unreadable images
            {newest.numSkipped > 0 ? '' : ', which refuse a run unless it says "unreadable": "skip"'}
          </h3>
          <ul className="lines table-scroll" tabIndex={0} aria-label="Unreadable images">
            {broken.map(({ path, message }) => (
              <li key={path}>
                <code className="path">{path}</code> {message}
              </li>
            ))}
            {numBroken > broken.length ? <li>and {formatCount(numBroken - broken.length)} more</li> : null}
          </ul>
        </>
      )}
    </section>
  );
}
