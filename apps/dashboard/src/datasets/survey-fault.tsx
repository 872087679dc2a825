import type { DatasetSurveyView } from '#contracts';
import { Notice } from '../components/notice.js';

/** Why the newest survey found the data set unfit, or did not come to its end. */
export function SurveyFault({ survey }: { readonly survey: DatasetSurveyView }) {
  const { problem, state } = survey;
  if (problem === null) return null;
  const errors = problem.errors ?? [];
  return (
    <Notice tone="error" title={state === 'refused' ? 'This data set is not fit' : 'The survey failed'}>
      <p>{problem.detail ?? problem.title}</p>
      {errors.length === 0 ? null : (
        <ul className="lines">
          {errors.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
