import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { Response } from 'express';
import { printable, printableLines, RecoverableError, RefusedInputError, type Problem } from '#contracts';
import { StoreAccessError } from '#stores';
import { hideSecrets } from '#telemetry';
import { PredictionFailedError, PredictionTimeoutError } from '#queue';
import { ScanEndedError } from '../datasets/dataset-scans.js';
import { ExportUnavailableError } from '../exports/exports.js';
import { PredictionUnavailableError } from '../predictions/predictions.js';
import { NoWeightsError } from '../runs/chosen-weights.js';
import { diskTrouble } from '#files';
import { UnreadableRecordError } from '../storage/read-record.js';
import { IdempotencyConflictError } from '../runs/submitted.js';
import { RedisAbsentError } from '../redis/redis-link.js';

/** An answer that is a problem: thrown by controllers, written by the filter. */
export class ProblemException extends HttpException {
  constructor(readonly details: Problem) {
    super(details, details.status);
  }
}

export function problem(status: number, detail: string, errors?: Problem['errors']): Problem {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    type: 'about:blank',
    title,
    status,
    // Both may hold names from outside, and are read on terminals and in logs.
    detail: safe(detail),
    ...(errors === undefined
      ? {}
      : { errors: errors.map(({ path, message }) => ({ path: printable(path), message: safe(message) })) }),
  };
}

function safe(text: string): string {
  return hideSecrets(printableLines(text));
}

/** The problem an error stands for; undefined for a bug, whose words are not for the outside. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof ProblemException) return error.details;
  if (error instanceof RefusedInputError) {
    return problem(
      422,
      error.message,
      error.faults.length > 0 ? error.faults.map(({ path, message }) => ({ path, message })) : undefined,
    );
  }
  if (error instanceof IdempotencyConflictError) return problem(422, error.message);
  if (error instanceof RedisAbsentError || error instanceof ScanEndedError) return problem(503, error.message);
  // A store that cannot be reached, or lets nobody in.
  if (error instanceof RecoverableError || error instanceof StoreAccessError) return problem(503, error.message);
  if (error instanceof NoWeightsError) return problem(error.why === 'pending' ? 409 : 404, error.message);
  if (error instanceof PredictionUnavailableError) return problem(error.why === 'no-worker' ? 503 : 429, error.message);
  if (error instanceof ExportUnavailableError) return problem(429, error.message);
  if (error instanceof PredictionTimeoutError) return problem(504, `no prediction in time: ${error.message}`);
  if (error instanceof PredictionFailedError) return problem(502, `a worker could not predict: ${error.message}`);
  if (error instanceof UnreadableRecordError)
    return problem(409, `the record cannot be read and is left as it is: ${error.message}`);
  const trouble = diskTrouble(error);
  if (trouble !== undefined)
    return problem(507, `the disk of the coordinator ${trouble}: nothing was changed; make room and try again`);
  if (error instanceof HttpException) return problem(error.getStatus(), error.message);
  return bodyParserProblem(error);
}

export function sendProblem(response: Response, what: Problem): void {
  response.status(what.status).type('application/problem+json').send(JSON.stringify(what));
}

/** Express's own errors (a body too large, JSON that is none) carry a 4xx status. */
function bodyParserProblem(error: unknown): Problem | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error) || typeof error.status !== 'number')
    return undefined;
  return error.status >= 400 && error.status < 500
    ? problem(error.status, 'message' in error ? String(error.message) : 'refused')
    : undefined;
}
