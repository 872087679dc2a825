import type { Submission } from '#contracts';
import { useQuery } from '@tanstack/react-query';
import { submissionsQuery } from '../api/submissions.js';
import { Notice } from '../components/notice.js';
import { useNow } from '../components/use-now.js';

/** Who was refused is told for so long. */
const TOLD_FOR_MS = 15 * 60_000;

/** What was submitted and is no run yet, with how far it is, and what was refused while nobody waited for it. */
export function SubmissionNotices() {
  const { data = [] } = useQuery(submissionsQuery());
  const now = useNow();
  return (
    <>
      {data
        .filter(
          ({ state, submittedAt }) => state === 'preparing' || (state === 'refused' && now - submittedAt < TOLD_FOR_MS),
        )
        .map((submission) => (
          <SubmissionNotice key={submission.id} submission={submission} />
        ))}
    </>
  );
}

function SubmissionNotice({ submission }: { readonly submission: Submission }) {
  const { kind, name, state, message, problem } = submission;
  const isRefused = state === 'refused';
  return (
    <Notice
      tone={isRefused ? 'error' : 'quiet'}
      title={isRefused ? `The ${kind} ${name} was refused` : `The ${kind} ${name} is being prepared`}
    >
      <p>{message}</p>
      {problem?.errors === undefined ? null : (
        <ul className="faults">
          {problem.errors.map((fault) => (
            <li key={`${fault.path} ${fault.message}`}>
              <code>{fault.path}</code> {fault.message}
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
