import type { Response } from 'express';
import { z } from 'zod';
import type { Submission } from '#contracts';
import type { TellProgress } from '../datasets/dataset-scans.js';
import { publicPath } from '../http/public-path.js';
import type { Submissions, Submitted } from './submissions.js';

/** The Idempotency-Key header, which may be absent. */
export const idempotencyKeySchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e ]+$/, 'printable ASCII only')
  .optional();

/** What a submission was made into. */
export interface Made<View> {
  readonly view: View;
  /** It was there already, submitted under the same key. */
  readonly isReplay: boolean;
}

/**
 * Answers a submission: 201, or 200 where it was there already, with what was made; 202 with the submission where that takes
 * long. Throws what the work does.
 */
export async function answerSubmission<View>(
  response: Response,
  submissions: Submissions,
  submitted: Submitted & { readonly locationOf: (view: View) => string },
  work: (tell: TellProgress) => Promise<Made<View>>,
): Promise<View | Submission> {
  const { locationOf, ...what } = submitted;
  const taken = await submissions.take(what, work, {
    locationOf: ({ view }) => locationOf(view),
    hasAskerGone: () => response.closed,
  });
  if ('underWay' in taken) {
    const { underWay } = taken;
    response
      .status(202)
      .location(publicPath(response, `/v1/submissions/${underWay.id}`))
      .setHeader('Retry-After', '1');
    return underWay;
  }
  const { view, isReplay } = taken.result;
  response.status(isReplay ? 200 : 201).location(publicPath(response, locationOf(view)));
  if (isReplay) response.setHeader('Idempotent-Replayed', 'true');
  return view;
}
