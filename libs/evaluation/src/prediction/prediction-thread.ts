/** Entry of a prediction thread: decodes images, shows them to one network and draws what it saw. */
import { workerData } from 'node:worker_threads';
import { makeDecoder } from '#data-loading';
import type { InferenceThreadData } from '#engine';
import { makeInferenceEngine } from '#engine';
import { serveRequests } from '#threads';
import { predictImage } from './predict-image.js';
import type { Prediction, PredictionThreadRequest, RefusedImage } from './prediction-messages.js';

const data: InferenceThreadData = workerData;
const engine = await makeInferenceEngine(data);
const decoder = await makeDecoder(data.engine === 'graph' ? 'tensorflow' : 'portable');

serveRequests<PredictionThreadRequest, Prediction | RefusedImage>({
  answer: (request) => predictImage({ ...data, engine, decoder }, request),
  transfers: (answer) => ('overlay' in answer && answer.overlay ? [answer.overlay.png.buffer] : []),
});
