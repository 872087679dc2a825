import type { DatasetView as Dataset } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useParams, useSearchParams } from 'react-router';
import { datasetQuery } from '../api/datasets.js';
import { Absent } from '../components/absent.js';
import { useTitle } from '../components/use-title.js';
import { ClassesPanel } from './classes-panel.js';
import { ContentPanel } from './content-panel.js';
import { DatasetForm } from './dataset-form.js';
import { DatasetHeader } from './dataset-header.js';
import { DatasetRunsPanel } from './dataset-runs-panel.js';
import { LeftOutPanel } from './left-out-panel.js';
import { parseSampleAddress, withSampleAddress, type SampleAddress } from './sample-address.js';
import { SamplesPanel } from './samples-panel.js';
import { SurveyFault } from './survey-fault.js';
import { VersionsPanel } from './versions-panel.js';

/** `/datasets/:name`: one data set. */
export function DatasetView() {
  const { name = '' } = useParams();
  const { data, error } = useQuery(datasetQuery(name));
  useTitle(name);
  if (data !== undefined) return <DatasetPage key={name} dataset={data} />;
  return (
    <Absent what="data set" id={name} error={error} list={{ path: '/datasets', title: 'To the list of data sets' }} />
  );
}

function DatasetPage({ dataset }: { readonly dataset: Dataset }) {
  const [search, setSearch] = useSearchParams();
  const [isChanging, setIsChanging] = useState(false);
  const address = parseSampleAddress(search);
  const go = (change: Partial<SampleAddress>): void =>
    setSearch((now) => withSampleAddress(now, { ...parseSampleAddress(now), page: 0, ...change }));
  const { newest, content } = dataset;
  return (
    <article className="run">
      <DatasetHeader dataset={dataset} onChange={() => setIsChanging(true)} />
      {isChanging ? <DatasetForm dataset={dataset} onDismiss={() => setIsChanging(false)} /> : null}
      <SurveyFault survey={dataset.survey} />
      {newest === null ? null : (
        <>
          <ContentPanel newest={newest} content={content} />
          {content === null ? null : (
            <ClassesPanel classes={content.classes} chosen={address.label} onChoose={(label) => go({ label })} />
          )}
          <SamplesPanel
            name={dataset.name}
            digest={newest.digest}
            classes={content?.classes ?? []}
            address={address}
            onGo={go}
          />
          {content === null ? null : <LeftOutPanel newest={newest} content={content} />}
        </>
      )}
      <VersionsPanel versions={dataset.versions} />
      <DatasetRunsPanel dataset={dataset} />
    </article>
  );
}
