import type { DatasetSurveyView } from '#contracts';
import { isSurveyed, useSurvey } from '../api/datasets.js';
import { ProgressBar } from '../components/progress-bar.js';
import { StateBadge } from '../components/state-badge.js';
import { surveyShare, surveyText } from './survey-words.js';

/** How the newest look at a data set stands; while it goes on, with its progress and a way to end it. */
export function SurveyStatus({ name, survey }: { readonly name: string; readonly survey: DatasetSurveyView }) {
  const act = useSurvey(name);
  const isUnderWay = isSurveyed(survey.state);
  return (
    <div className="survey">
      <StateBadge state={survey.state} />
      {isUnderWay ? (
        <>
          <ProgressBar
            share={surveyShare(survey) ?? 0}
            state={survey.state}
            label={`Survey of ${name}`}
            text={surveyText(survey)}
          />
          <span className="row-sub">{surveyText(survey)}</span>
        </>
      ) : null}
      {survey.message === '' ? null : <span className="reason">{survey.message}</span>}
      {isUnderWay ? (
        <button
          type="button"
          className="copy"
          aria-label={`Cancel the survey of ${name}`}
          disabled={act.isPending}
          onClick={() => act.mutate('survey/cancel')}
        >
          cancel
        </button>
      ) : null}
      {act.error === null ? null : (
        <span className="reason fault" role="alert">
          {act.error.message}
        </span>
      )}
    </div>
  );
}
