import type { DatasetView } from '#contracts';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { useSaveDataset } from '../api/datasets.js';
import { faultsOf } from '../api/http.js';
import { Select } from '../components/select.js';
import { datasetBody, datasetFields, type DatasetFields } from './dataset-body.js';
import { DATASET_KIND_OPTIONS, DATASET_KIND_WORDS } from './dataset-kinds.js';

const NEW: DatasetFields = { name: '', kind: 'image-folder', path: '', settings: '' };

export interface DatasetFormProps {
  /** The data set that is put elsewhere; default: a new one. */
  readonly dataset?: DatasetView;
  readonly onDismiss: () => void;
}

/** Name, format and location of a data set; what else its format knows as JSON. */
export function DatasetForm({ dataset, onDismiss }: DatasetFormProps) {
  const navigate = useNavigate();
  const [fields, setFields] = useState(() => (dataset ? datasetFields(dataset.name, dataset.dataset) : NEW));
  const save = useSaveDataset(dataset ? 'change' : 'add');
  const body = datasetBody(fields);
  const faults = typeof body === 'string' ? [{ path: '', message: body }] : faultsOf(save.error);
  const edit = (change: Partial<DatasetFields>): void => {
    setFields({ ...fields, ...change });
    save.reset();
  };
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (typeof body === 'string') return;
    save.mutate(body, {
      onSuccess: ({ name }) => {
        onDismiss();
        void navigate(`/datasets/${encodeURIComponent(name)}`);
      },
    });
  };
  const others = faults.filter(({ path }) => path !== 'name' && path !== 'path');
  return (
    <form
      className="panel dataset-form"
      aria-label={dataset ? 'Change the data set' : 'Add a data set'}
      onSubmit={send}
    >
      <label>
        Name
        <input
          className="field"
          value={fields.name}
          onChange={(event) => edit({ name: event.target.value })}
          placeholder="imagenet"
          required
          readOnly={dataset !== undefined}
          autoFocus={dataset === undefined}
          aria-describedby="dataset-name-fault"
          spellCheck={false}
          autoCapitalize="off"
        />
        <FieldFaults id="dataset-name-fault" path="name" faults={faults} />
      </label>
      <div>
        <Select label="Format" value={fields.kind} options={DATASET_KIND_OPTIONS} onChange={(kind) => edit({ kind })} />
        <span className="muted">{DATASET_KIND_WORDS[fields.kind].holds}</span>
      </div>
      <label>
        Location
        <input
          className="field"
          value={fields.path}
          onChange={(event) => edit({ path: event.target.value })}
          placeholder="/data/imagenet, https://… or s3://bucket/prefix"
          required
          aria-describedby="dataset-path-fault"
          spellCheck={false}
          autoCapitalize="off"
        />
        <FieldFaults id="dataset-path-fault" path="path" faults={faults} />
      </label>
      <label>
        Further settings, as JSON
        <textarea
          className="field"
          value={fields.settings}
          onChange={(event) => edit({ settings: event.target.value })}
          rows={Math.max(2, fields.settings.split('\n').length)}
          placeholder='{ "split": { "validation": 0.1 }, "unreadable": "skip" }'
          aria-describedby="dataset-faults"
          spellCheck={false}
        />
      </label>
      <ul id="dataset-faults" className="lines fault" role="alert">
        {others.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            {path === '' ? null : <code>{path}</code>} {message}
          </li>
        ))}
      </ul>
      <div className="form-actions">
        <button type="submit" className="button primary" disabled={save.isPending || typeof body === 'string'}>
          {dataset ? 'Save and survey' : 'Add and survey'}
        </button>
        <button type="button" className="button" onClick={onDismiss}>
          Discard
        </button>
      </div>
    </form>
  );
}

function FieldFaults(props: {
  readonly id: string;
  readonly path: string;
  readonly faults: ReturnType<typeof faultsOf>;
}) {
  const { id, path, faults } = props;
  const own = faults.filter((fault) => fault.path === path);
  return (
    <span id={id} className="field-fault" role="alert">
      {own.map(({ message }) => message).join('; ')}
    </span>
  );
}
