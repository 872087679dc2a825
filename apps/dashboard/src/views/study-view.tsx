import type { StudyView as Study } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { ApiError } from '../api/http.js';
import { studyQuery } from '../api/studies.js';
import { Notice } from '../components/notice.js';
import { ProgressBar } from '../components/progress-bar.js';
import { Skeleton } from '../components/skeleton.js';
import { useTitle } from '../components/use-title.js';
import { StudyFigures } from '../studies/study-figures.js';
import { StudyHeader } from '../studies/study-header.js';
import { numOver, progressMark, studyShare } from '../studies/study-progress.js';
import { StudyResult } from '../studies/study-result.js';
import { StudyTrials } from '../studies/study-trials.js';

/** `/studies/:id`: one study, live until it is over. */
export function StudyView() {
  const { id = '' } = useParams();
  const { data, error } = useQuery(studyQuery(id));
  useTitle(data?.name ?? 'Study');
  if (data !== undefined) return <StudyPage study={data} />;
  if (error === null) return <Skeleton label="Loading the study" rows={8} />;
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Notice tone="quiet" title="There is no study with this id">
        <p>
          <code>{id}</code> is not known to this coordinator. <Link to="/studies">To the list of studies</Link>
        </p>
      </Notice>
    );
  }
  return <Notice tone="error" title={error.message} />;
}

function StudyPage({ study }: { readonly study: Study }) {
  const mark = progressMark(study);
  return (
    <article className="run">
      <StudyHeader study={study} />
      <StudyDone study={study} />
      <StudyResult id={study.id} mark={mark} />
      <StudyFigures study={study} mark={mark} />
      <StudyTrials study={study} />
    </article>
  );
}

function StudyDone({ study }: { readonly study: Study }) {
  const share = studyShare(study);
  return (
    <section className="panel figures" aria-label="Progress">
      <div className="figures-progress">
        <span className="figures-share">{Math.floor(share * 100)} %</span>
        <ProgressBar
          share={share}
          state={study.state}
          label="Progress of the study"
          text={`${numOver(study)} of ${study.numRuns} runs over`}
        />
        <span className="figures-step">
          <b>{numOver(study)}</b> of {study.numRuns} runs over
          {study.numFailed > 0 ? <>, {study.numFailed} failed</> : null}
        </span>
      </div>
    </section>
  );
}
