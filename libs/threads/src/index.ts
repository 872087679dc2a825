export { type HangGuard, ThreadHungError, RequestThread } from './request-thread.js';
export { startInTurn } from './start-in-turn.js';
export { serveRequests } from './serve-requests.js';
