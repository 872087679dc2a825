import { raw, Router, type RequestHandler } from 'express';
import { MAX_PREDICTION_BYTES } from '#contracts';

/** Reads the body of a prediction as bytes, whatever type it says it has; forms are left to the route. */
export function predictionBody(): RequestHandler {
  const router = Router();
  const bytes = raw({
    limit: MAX_PREDICTION_BYTES,
    type: (request) => !(request.headers['content-type'] ?? '').toLowerCase().startsWith('multipart/form-data'),
  });
  router.post('/v1/runs/:id/predict', bytes);
  return router;
}
