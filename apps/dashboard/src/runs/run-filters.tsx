import type { RunSort } from '#contracts';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Choices } from '../components/choices.js';
import { Select } from '../components/select.js';
import { Tag } from '../components/tag.js';
import { type Archived, parseTerm, type RunFilter } from './run-filter.js';
import { RUN_STATES } from './run-states.js';

const ARCHIVED: readonly { value: Archived; label: string }[] = [
  { value: 'false', label: 'left out' },
  { value: 'true', label: 'only these' },
  { value: 'all', label: 'shown' },
];
const SORTS: readonly { value: RunSort; label: string }[] = [
  { value: 'created', label: 'newest first' },
  { value: 'name', label: 'by name' },
  { value: 'accuracy', label: 'best accuracy first' },
  { value: 'loss', label: 'least loss first' },
];

export interface RunFiltersProps {
  readonly filter: RunFilter;
  readonly onFilter: (change: Partial<RunFilter>) => void;
}

/** What narrows and sorts the list of runs; words have a box of their own. */
export function RunFilters({ filter, onFilter }: RunFiltersProps) {
  const { states, tags, archived, where, sort } = filter;
  return (
    <div className="filters">
      <Choices label="States" chosen={states} options={RUN_STATES} onChange={(next) => onFilter({ states: next })} />
      <Select label="Sort" value={sort} options={SORTS} onChange={(next) => onFilter({ sort: next })} />
      <Select label="Archived" value={archived} options={ARCHIVED} onChange={(next) => onFilter({ archived: next })} />
      <TermBox onTerm={(term) => onFilter({ where: [...new Set([...where, term])] })} />
      <Link to="/retention">Retention</Link>
      {tags.length + where.length === 0 ? null : (
        <ul className="tags" aria-label="Filters in force">
          {tags.map((tag) => (
            <li key={tag}>
              <Tag
                name={`the filter by tag ${tag}`}
                onRemove={() => onFilter({ tags: tags.filter((one) => one !== tag) })}
              >
                tag {tag}
              </Tag>
            </li>
          ))}
          {where.map((term) => (
            <li key={term}>
              <Tag
                name={`the filter ${term}`}
                onRemove={() => onFilter({ where: where.filter((one) => one !== term) })}
              >
                <code>{term}</code>
              </Tag>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Takes terms on fields of the spec, one at a time. */
function TermBox({ onTerm }: { readonly onTerm: (term: string) => void }) {
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  const add = (event: FormEvent): void => {
    event.preventDefault();
    const term = parseTerm(text);
    setIsWrong(term === null);
    if (term === null) return;
    onTerm(term);
    setText('');
  };
  return (
    <form className="term" onSubmit={add}>
      <input
        className="field"
        aria-label="Field of the spec"
        placeholder="optimizer.learningRate=0.1"
        value={text}
        onChange={(event) => setText(event.target.value)}
        aria-invalid={isWrong}
        aria-describedby="term-fault"
        spellCheck={false}
        autoCapitalize="off"
      />
      <span id="term-fault" className="field-fault" role="alert">
        {isWrong ? 'A field, then = != < <= > or >=, then a value: epochs>10' : null}
      </span>
    </form>
  );
}
