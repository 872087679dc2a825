export { RequestsInProcess } from './requests-in-process.js';
