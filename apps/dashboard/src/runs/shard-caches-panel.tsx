import { FILES_OF_KIND, type RunView } from '#contracts';
import { ProgressBar } from '../components/progress-bar.js';
import { formatBytes, formatCount, formatPercent } from '../format/format.js';

type HostCache = RunView['shardCaches'][number];

/** How much of a fetched data set is on the hosts that train; nothing where it lies on their disks, or nobody trains. */
export function ShardCachesPanel({ run }: { readonly run: RunView }) {
  if (run.shardCaches.length === 0) return null;
  const words = FILES_OF_KIND[run.spec.dataset.kind];
  return (
    <section className="panel caches" aria-labelledby="caches-title">
      <header className="panel-head">
        <h2 id="caches-title">Shard caches</h2>
        <span className="chart-place">{run.spec.dataset.path}</span>
      </header>
      <ul>
        {run.shardCaches.map((cache) => (
          <li key={cache.host}>
            <b>{cache.host}</b>
            <ProgressBar
              share={shareHere(cache)}
              state={run.state}
              label={`Shard cache of ${cache.host}`}
              text={filesText(cache, words)}
            />
            <span>
              {filesText(cache, words)}, {formatBytes(cache.numBytesHere)} of {formatBytes(cache.numBytes)}
              {cache.numBytes > cache.maxBytes ? ` (the cache holds ${formatBytes(cache.maxBytes)})` : ''}
            </span>
            <span className="muted">{readsText(cache, words)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

type Words = (typeof FILES_OF_KIND)[keyof typeof FILES_OF_KIND];

function filesText({ numFiles, numFilesHere }: HostCache, [, many]: Words): string {
  return `${formatCount(numFilesHere)} of ${formatCount(numFiles)} ${many}`;
}

function readsText({ numHits, numMisses, fetchedBytes }: HostCache, [one]: Words): string {
  const numReads = numHits + numMisses;
  if (numReads === 0) return `${formatBytes(fetchedBytes)} fetched`;
  const share = formatPercent(numHits / numReads, numMisses === 0 ? 0 : 2);
  return `${formatBytes(fetchedBytes)} fetched; ${share} of ${formatCount(numReads)} reads found their ${one} here`;
}

function shareHere({ numBytes, numBytesHere }: HostCache): number {
  return numBytes === 0 ? 1 : Math.min(1, numBytesHere / numBytes);
}
