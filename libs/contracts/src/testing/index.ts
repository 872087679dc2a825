export { heartbeat } from './heartbeat.js';
