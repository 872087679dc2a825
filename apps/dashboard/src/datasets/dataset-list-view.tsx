import type { DatasetSummary } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { datasetListQuery } from '../api/datasets.js';
import { type Column, DataTable } from '../components/data-table.js';
import { ErrorNotice } from '../components/error-notice.js';
import { Notice } from '../components/notice.js';
import { Skeleton } from '../components/skeleton.js';
import { UnreadableRecords } from '../components/unreadable-records.js';
import { useTitle } from '../components/use-title.js';
import { formatCount, UNKNOWN } from '../format/format.js';
import { DatasetForm } from './dataset-form.js';
import { DATASET_KIND_WORDS } from './dataset-kinds.js';
import { SurveyStatus } from './survey-status.js';

/** `/datasets`: data sets with a name; `?add` opens the form for another. */
export function DatasetListView() {
  useTitle('Data sets');
  const [search, setSearch] = useSearchParams();
  const isAdding = search.has('add');
  return (
    <>
      <div className="page-head">
        <h1>Data sets</h1>
        {isAdding ? null : (
          <Link to="?add" className="button primary">
            Add a data set
          </Link>
        )}
      </div>
      {isAdding ? <DatasetForm onDismiss={() => setSearch({})} /> : null}
      <Datasets />
    </>
  );
}

function Datasets() {
  const { data, error } = useQuery(datasetListQuery());
  if (data === undefined)
    return error === null ? <Skeleton label="Loading the data sets" rows={4} /> : <ErrorNotice error={error} />;
  return (
    <>
      <UnreadableRecords what="data sets" records={data.unreadable} />
      {data.datasets.length === 0 ? (
        <Notice tone="quiet" title="No data set has a name yet">
          <p>
            A run may name where its images lie. A data set with a name is looked at once, and runs say{' '}
            <code>&quot;dataset&quot;: &quot;imagenet&quot;</code>: add one here, with <code>skiplane data add</code>,
            or by <code>POST /v1/datasets</code>.
          </p>
        </Notice>
      ) : (
        <DataTable label="Data sets" columns={COLUMNS} rows={data.datasets} keyOf={({ name }) => name} />
      )}
    </>
  );
}

const COLUMNS: readonly Column<DatasetSummary>[] = [
  {
    title: 'Data set',
    isHeading: true,
    width: '38%',
    render: ({ name, kind, path }) => (
      <>
        <Link className="row-link" to={encodeURIComponent(name)}>
          {name}
        </Link>
        <span className="row-sub">
          {DATASET_KIND_WORDS[kind].title} · <code className="path">{path}</code>
        </span>
      </>
    ),
  },
  { title: 'Survey', width: '26%', render: ({ name, survey }) => <SurveyStatus name={name} survey={survey} /> },
  {
    title: 'Images',
    isNumeric: true,
    render: ({ newest }) =>
      newest === null ? UNKNOWN : formatCount(newest.numTrainSamples + newest.numValidationSamples),
  },
  { title: 'Classes', isNumeric: true, render: ({ newest }) => formatCount(newest?.numClasses ?? null) },
  { title: 'Version', isNumeric: true, render: ({ newest }) => formatCount(newest?.version ?? null) },
  { title: 'Runs', isNumeric: true, render: ({ numRuns }) => formatCount(numRuns) },
];
