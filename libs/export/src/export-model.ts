import { weightsToSafetensors } from '#resnet';
import type { ExportFormat } from '#contracts';
import type { ExportedFile, ExportedModel } from './exported-model.js';
import { exportOnnx } from './onnx/export-onnx.js';
import { exportSavedModel } from './saved-model.js';
import { exportTfjsGraphModel } from './tfjs-graph-model.js';

/** Every format; a new one is a file and a line here. */
const EXPORTERS: Readonly<Record<ExportFormat, (model: ExportedModel) => readonly ExportedFile[]>> = {
  savedmodel: exportSavedModel,
  tfjs: exportTfjsGraphModel,
  onnx: exportOnnx,
  safetensors: ({ network, layout, numBatchesTracked, ...state }) => [
    { path: 'weights.safetensors', bytes: weightsToSafetensors(network, layout, state, numBatchesTracked) },
  ],
};

/** Writes a trained network in a format of other programs. Pure encoding: no TensorFlow library is needed. */
export function exportModel(model: ExportedModel, format: ExportFormat): readonly ExportedFile[] {
  return EXPORTERS[format](model);
}
