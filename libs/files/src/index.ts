export { errorCode, isMissing } from './error-code.js';
export { writeDurably, makeFolder, writeFileAtomically, syncFolder } from './durable-write.js';
export { JsonLinesFile, readJsonLines } from './json-lines-file.js';
