import { useQuery } from '@tanstack/react-query';
import { datasetListQuery } from '../api/datasets.js';
import { formatCount } from '../format/format.js';
import { withDataset } from './spec-dataset.js';

interface NamedDatasetsProps {
  readonly text: string;
  readonly onEdit: (text: string) => void;
}

/** Data sets that have a name, to be put into the spec. */
export function NamedDatasets({ text, onEdit }: NamedDatasetsProps) {
  const { data } = useQuery(datasetListQuery());
  const found = data?.datasets.filter(({ newest }) => newest !== null) ?? [];
  if (found.length === 0) return null;
  return (
    <section aria-label="Data sets">
      <h2>Data sets</h2>
      <ul className="tags">
        {found.map(({ name, newest }) => {
          const numClasses = newest?.numClasses ?? null;
          const edited = withDataset(text, name, numClasses);
          return (
            <li key={name}>
              <button
                type="button"
                className="tag"
                disabled={edited === null}
                title={`Train on ${name}: ${formatCount(numClasses)} classes`}
                onClick={() => edited !== null && onEdit(edited)}
              >
                {name}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
