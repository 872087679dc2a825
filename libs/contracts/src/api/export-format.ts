/** What users see of a format. */
interface FormatFacts {
  readonly label: string;
  /** Of the file, and of the zip in which a folder is sent. */
  readonly extension: string;
  /** A folder of files; else one file. */
  readonly isFolder: boolean;
}

/** Formats in which a trained network leaves Skiplane. What writes one is a file in libs/export and a line in its table. */
export const EXPORT_FORMATS = {
  savedmodel: { label: 'SavedModel', extension: 'savedmodel.zip', isFolder: true },
  /** A TensorFlow.js graph model. */
  tfjs: { label: 'TensorFlow.js', extension: 'tfjs.zip', isFolder: true },
  onnx: { label: 'ONNX', extension: 'onnx', isFolder: false },
  /** torchvision's names. */
  safetensors: { label: 'safetensors', extension: 'safetensors', isFolder: false },
} as const satisfies Readonly<Record<string, FormatFacts>>;

export type ExportFormat = keyof typeof EXPORT_FORMATS;
export const EXPORT_FORMAT_NAMES = Object.keys(EXPORT_FORMATS) as readonly ExportFormat[];
