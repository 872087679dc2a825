import type { RunView } from '#contracts';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { useChangeRun } from '../api/commands.js';
import { FieldFault } from '../components/field-fault.js';
import { Tag } from '../components/tag.js';

/** The tags of a run: each leads to the runs that have it, too, and can be removed; more can be added. */
export function RunTags({ run }: { readonly run: RunView }) {
  const [text, setText] = useState('');
  const change = useChangeRun(run.id);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const named = text.split(/[\s,]+/).filter((tag) => tag !== '');
    const tags = [...new Set([...run.tags, ...named])];
    if (named.length > 0) change.mutate({ tags }, { onSuccess: () => setText('') });
  };
  return (
    <form className="run-tags" onSubmit={add}>
      <ul className="tags" aria-label="Tags">
        {run.tags.map((tag) => (
          <li key={tag}>
            <Tag
              name={`tag ${tag}`}
              isBusy={change.isPending}
              onRemove={() => change.mutate({ tags: run.tags.filter((one) => one !== tag) })}
            >
              <Link to={`/?tag=${encodeURIComponent(tag)}`} title={`All runs tagged ${tag}`}>
                {tag}
              </Link>
            </Tag>
          </li>
        ))}
      </ul>
      <input
        className="field"
        aria-label="Add a tag"
        placeholder="add a tag"
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-describedby="tag-fault"
        aria-invalid={change.isError}
        spellCheck={false}
        autoCapitalize="off"
      />
      <FieldFault id="tag-fault" error={change.error} />
    </form>
  );
}
