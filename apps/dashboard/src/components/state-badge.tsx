import type { StudyState, StudyTrialView, SurveyState } from '#contracts';

/** The state of a run, a study or a survey; the shape of the dot says it too, for those who do not see the colour. */
export function StateBadge({ state }: { readonly state: StudyTrialView['state'] | StudyState | SurveyState }) {
  return (
    <span className="badge" data-state={state}>
      <span className="badge-dot" aria-hidden="true" />
      {state}
    </span>
  );
}
