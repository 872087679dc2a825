/** Entry of a short-lived thread that writes one export: encoding takes seconds in which the coordinator must answer. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { EXPORT_FORMATS, RefusedInputError } from '#contracts';
import { exportModel } from '#export';
import { buildNetwork, layoutOf, weightsFromSafetensors } from '#resnet';
import { zipSync } from 'fflate';
import { serveRequests } from '#threads';
import type { ExportOrder } from './export-order.js';

/** The same export has the same bytes. A zip knows no time before 1980. */
const ZIP_TIME = new Date(1980, 0, 1);

/** Throws RefusedInputError where the weights are damaged or another network's. */
function write({ model, classes, weightsPath, weightsSha256, format, target }: ExportOrder): null {
  const bytes = readFileSync(weightsPath);
  if (weightsSha256 !== null && createHash('sha256').update(bytes).digest('hex') !== weightsSha256) {
    throw new RefusedInputError('the weights on disk are damaged: their SHA-256 is not that of the checkpoint');
  }
  const network = buildNetwork(model);
  const layout = layoutOf(network);
  const weights = weightsFromSafetensors(network, layout, bytes);
  const files = exportModel({ network, layout, ...weights, classes }, format);
  const [only] = files;
  // Weights do not get smaller by deflating.
  const zipped = (): Uint8Array =>
    zipSync(Object.fromEntries(files.map(({ path, bytes: content }) => [path, content])), {
      level: 0,
      mtime: ZIP_TIME,
    });
  writeFileSync(target, EXPORT_FORMATS[format].isFolder || only === undefined ? zipped() : only.bytes);
  return null;
}

serveRequests<ExportOrder, null>({ answer: write });
