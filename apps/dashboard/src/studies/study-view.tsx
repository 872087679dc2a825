import type { StudyView as Study } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { studyQuery } from '../api/studies.js';
import { Absent } from '../components/absent.js';
import { ProgressBar } from '../components/progress-bar.js';
import { useTitle } from '../components/use-title.js';
import { StudyFigures } from './study-figures.js';
import { StudyHeader } from './study-header.js';
import { numOver, progressMark, studyShare } from './study-progress.js';
import { StudyResult } from './study-result.js';
import { StudyTrials } from './study-trials.js';

/** `/studies/:id`: one study, live until it is over. */
export function StudyView() {
  const { id = '' } = useParams();
  const { data, error } = useQuery(studyQuery(id));
  useTitle(data?.name ?? 'Study');
  if (data !== undefined) return <StudyPage study={data} />;
  return <Absent what="study" id={id} error={error} list={{ path: '/studies', title: 'To the list of studies' }} />;
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
