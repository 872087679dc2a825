import { useQuery } from '@tanstack/react-query';
import { useLayoutEffect, useRef, useState } from 'react';
import { logTailQuery } from '../api/logs.js';
import { Notice } from '../components/notice.js';
import { Segmented } from '../components/segmented.js';
import { useLogStream } from './use-log-stream.js';

const LENGTHS = [
  { value: '200', label: '200' },
  { value: '1000', label: '1000' },
  { value: '5000', label: '5000' },
] as const;

/** The end of one log; with Follow new lines come as they are written, and stay in view. */
export function LogPanel({ name }: { readonly name: string }) {
  const [length, setLength] = useState<(typeof LENGTHS)[number]['value']>('200');
  const [isFollowing, setIsFollowing] = useState(true);
  const { data, error } = useQuery(logTailQuery(name, Number(length)));
  const more = useLogStream(name, data?.position, isFollowing);
  const lines = [...(data?.lines ?? []), ...more];
  const end = useRef<HTMLPreElement>(null);
  useLayoutEffect(() => {
    if (isFollowing && end.current !== null) end.current.scrollTop = end.current.scrollHeight;
  }, [isFollowing, lines.length]);
  return (
    <section className="panel log" aria-labelledby="log-title">
      <header className="panel-head">
        <h2 id="log-title">{name}</h2>
        <label>
          <input type="checkbox" checked={isFollowing} onChange={(event) => setIsFollowing(event.target.checked)} />{' '}
          Follow
        </label>
        <Segmented label="Lines" value={length} options={LENGTHS} onChange={setLength} />
      </header>
      {error === null ? null : <Notice tone="error" title={error.message} />}
      <pre ref={end} className="log-lines" tabIndex={0} aria-label={`Lines of ${name}`}>
        {lines.join('\n')}
      </pre>
    </section>
  );
}
