import type { DatasetView } from '#contracts';
import { useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { isSurveyed, useRemoveDataset, useSurvey } from '../api/datasets.js';
import { ConfirmDialog } from '../components/confirm-dialog.js';
import { datasetWords } from '../runs/dataset-words.js';
import { DATASET_KIND_WORDS } from './dataset-kinds.js';
import { SurveyStatus } from './survey-status.js';

/** Name, format, location, how the survey stands, and what can be done about it. */
export function DatasetHeader(props: { readonly dataset: DatasetView; readonly onChange: () => void }) {
  const { dataset, onChange } = props;
  const { name, kind, path, survey, newest } = dataset;
  const [isRemoving, setIsRemoving] = useState(false);
  const act = useSurvey(name);
  const words = datasetWords(dataset.dataset);
  return (
    <header className="run-header">
      <div>
        <p className="crumb">
          <Link to="/datasets">Data sets</Link> <span aria-hidden="true">/</span> {DATASET_KIND_WORDS[kind].title}
        </p>
        <h1>{name}</h1>
        <p className="run-what">
          <code className="path">{path}</code>
          {words.length === 0 ? null : ` · ${words.join(' · ')}`}
        </p>
        <SurveyStatus name={name} survey={survey} />
      </div>
      <div className="run-commands">
        {newest === null ? null : (
          <Link to={`/new?dataset=${encodeURIComponent(name)}`} className="button primary">
            Train on it
          </Link>
        )}
        <button
          type="button"
          className="button"
          disabled={isSurveyed(survey.state) || act.isPending}
          onClick={() => act.mutate('survey')}
        >
          Survey again
        </button>
        <button type="button" className="button" onClick={onChange}>
          Change
        </button>
        <button type="button" className="button quiet-danger" onClick={() => setIsRemoving(true)}>
          Remove
        </button>
        {act.error === null ? null : (
          <p className="command-error" role="alert">
            {act.error.message}
          </p>
        )}
      </div>
      {isRemoving ? <RemoveDialog dataset={dataset} onDismiss={() => setIsRemoving(false)} /> : null}
    </header>
  );
}

function RemoveDialog({ dataset, onDismiss }: { readonly dataset: DatasetView; readonly onDismiss: () => void }) {
  const navigate = useNavigate();
  const removal = useRemoveDataset(dataset.name);
  const confirm = (): void => removal.mutate(undefined, { onSuccess: () => void navigate('/datasets') });
  return (
    <ConfirmDialog
      title="Remove this data set?"
      confirmLabel={removal.isPending ? 'Removing…' : 'Remove the name'}
      dismissLabel="Keep it"
      isHeld={removal.isPending}
      onConfirm={confirm}
      onDismiss={onDismiss}
    >
      <p>
        The coordinator forgets the name “{dataset.name}” and its versions. The files at{' '}
        <code className="path">{dataset.path}</code> stay, and so do the runs that used it.
      </p>
      {removal.error === null ? null : (
        <p className="fault" role="alert">
          {removal.error.message}
        </p>
      )}
    </ConfirmDialog>
  );
}
