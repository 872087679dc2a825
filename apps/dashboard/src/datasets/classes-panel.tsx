import type { DatasetContent } from '#contracts';
import { useState } from 'react';
import { SearchBox } from '../components/search-box.js';
import { Select } from '../components/select.js';
import { formatCount } from '../format/format.js';
import { CLASS_SORTS, classRows, trainSpread, type ClassRow, type ClassSort } from './class-rows.js';

/** More are shown when they are asked for: a page of thousands of lines is slow. */
const SHOWN = 200;

const SORT_WORDS: Readonly<Record<ClassSort, string>> = {
  number: 'number',
  most: 'most images first',
  fewest: 'fewest images first',
  name: 'name',
};

export interface ClassesPanelProps {
  readonly classes: DatasetContent['classes'];
  /** The class whose samples are shown. */
  readonly chosen: number | null;
  readonly onChoose: (label: number | null) => void;
}

/** The classes with their counts; choosing one shows its samples. */
export function ClassesPanel({ classes, chosen, onChoose }: ClassesPanelProps) {
  const [words, setWords] = useState('');
  const [sort, setSort] = useState<ClassSort>('number');
  const [isWhole, setIsWhole] = useState(false);
  const rows = classRows(classes, words, sort);
  const shown = isWhole ? rows : rows.slice(0, SHOWN);
  const most = Math.max(1, ...classes.map(({ numTrain }) => numTrain));
  return (
    <section className="panel classes" aria-labelledby="classes-title">
      <header className="panel-head">
        <h2 id="classes-title">Classes</h2>
        <span className="chart-place" role="status">
          {summaryOf(classes, rows.length)}
        </span>
      </header>
      <div className="filters">
        <SearchBox label="Search classes" placeholder="name or number" value={words} onSearch={setWords} />
        <Select
          label="Sort by"
          value={sort}
          options={CLASS_SORTS.map((value) => ({ value, label: SORT_WORDS[value] }))}
          onChange={setSort}
        />
      </div>
      <ul className="class-list" tabIndex={0} aria-label="Classes with their images">
        {shown.map((row) => (
          <ClassLine key={row.label} row={row} most={most} chosen={chosen} onChoose={onChoose} />
        ))}
      </ul>
      {shown.length === rows.length ? null : (
        <button type="button" className="copy" onClick={() => setIsWhole(true)}>
          show all {formatCount(rows.length)}
        </button>
      )}
    </section>
  );
}

interface ClassLineProps extends Omit<ClassesPanelProps, 'classes'> {
  readonly row: ClassRow;
  /** Training images of the largest class. */
  readonly most: number;
}

function ClassLine({ row, most, chosen, onChoose }: ClassLineProps) {
  const { label, name, readableName, numTrain, numValidation } = row;
  const isChosen = chosen === label;
  return (
    <li>
      <button type="button" aria-pressed={isChosen} onClick={() => onChoose(isChosen ? null : label)}>
        <span className="class-name" title={name === readableName ? name : `${readableName} (${name})`}>
          <span className="muted">{label}</span> {readableName}
        </span>
        <span className="class-share">
          {formatCount(numTrain)} <span className="muted">+ {formatCount(numValidation)}</span>
        </span>
        <span className="class-bar" aria-hidden="true">
          <span style={{ transform: `scaleX(${numTrain / most})` }} />
        </span>
      </button>
    </li>
  );
}

function summaryOf(classes: ClassesPanelProps['classes'], numFound: number): string {
  const spread = trainSpread(classes);
  const found = numFound === classes.length ? '' : `${formatCount(numFound)} of `;
  const number = `${found}${formatCount(classes.length)} ${classes.length === 1 ? 'class' : 'classes'}`;
  if (spread === null) return number;
  const { min, median, max } = spread;
  const each = min === max ? formatCount(min) : `${formatCount(min)} to ${formatCount(max)}`;
  const middle = min === max ? '' : `, median ${formatCount(median)}`;
  return `${number}, ${each} training images each${middle}`;
}
