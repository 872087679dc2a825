export type { ExportedFile, ExportedModel } from './exported-model.js';
export { exportModel } from './export-model.js';
