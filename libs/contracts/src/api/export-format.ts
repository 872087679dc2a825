/**
 * Forms in which a trained network leaves Skiplane. savedmodel: a TensorFlow SavedModel folder. tfjs: a TensorFlow.js graph
 * model folder. onnx: one file. safetensors: one file, torchvision's names.
 */
export const EXPORT_FORMATS = ['savedmodel', 'tfjs', 'onnx', 'safetensors'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
