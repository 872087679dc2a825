export { decodeError, encodedErrorSchema, encodeError, type EncodedError, type ErrorClass } from './error-codec.js';
export { forkHelper } from './fork-helper.js';
export { type RequestOptions, type Requests } from './request-client.js';
export {
  RequestThread,
  ThreadEndedError,
  ThreadHungError,
  type HangGuard,
  type RequestThreadOptions,
} from './request-thread.js';
export { type RequestService } from './request-server.js';
export { ProcessEndedError, RequestProcess, type RequestProcessOptions } from './request-process.js';
export { serveParent } from './serve-parent.js';
export { serveRequests } from './serve-requests.js';
export { startInTurn } from './start-in-turn.js';
export { answerParent, readAnswers, type ReadAnswersOptions } from './process-answers.js';
