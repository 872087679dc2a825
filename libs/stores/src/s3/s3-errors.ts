import { z } from 'zod';
import { StoreAccessError } from '../store-errors.js';
import { AnswerError, parseRetryAfter } from '../remote/transport.js';

/** What the client's errors have of an answer. */
const answeredSchema = z.object({
  name: z.string().default(''),
  message: z.string().default(''),
  $metadata: z.object({ httpStatusCode: z.number() }),
  $response: z.object({ headers: z.record(z.string(), z.string()) }).optional(),
});

/** An error of the client in this room's words: an answer, or no credentials. Others come from the network, as they are. */
export function answerErrorOf(error: unknown, location: string): unknown {
  if (error instanceof Error && error.name === 'CredentialsProviderError') {
    const words =
      `${location}: no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or the role of ` +
      `this machine; for public buckets set SKIPLANE_S3_ANONYMOUS=1`;
    return new StoreAccessError(words, { cause: error });
  }
  const parsed = answeredSchema.safeParse(error);
  if (!parsed.success) return error;
  const { name, $metadata, $response } = parsed.data;
  const retryAfterMs = parseRetryAfter($response?.headers['retry-after'], Date.now());
  return new AnswerError($metadata.httpStatusCode, name, retryAfterMs, { cause: error });
}
