import type { ServerResponse } from 'node:http';
import { heldObject, type Holdings } from './held-object.js';

interface MultipartRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
}

/** Answers what belongs to an upload in parts; false: the request is another one. */
export function answerMultipart(
  { uploads, objects }: Holdings,
  { method, path, query, body }: MultipartRequest,
  response: ServerResponse,
): boolean {
  const id = query.get('uploadId');
  if (method === 'POST' && query.has('uploads')) {
    const made = `upload-${uploads.size + 1}-${Date.now()}`;
    uploads.set(made, { path, parts: new Map() });
    response.end(xml('InitiateMultipartUploadResult', `<UploadId>${made}</UploadId>`));
    return true;
  }
  if (id === null) return false;
  const upload = uploads.get(id);
  if (upload === undefined) {
    response.writeHead(404).end(xml('Error', '<Code>NoSuchUpload</Code>'));
    return true;
  }
  switch (method) {
    case 'PUT':
      upload.parts.set(Number(query.get('partNumber')), body);
      response.setHeader('etag', heldObject(body).etag).end();
      return true;
    case 'DELETE':
      uploads.delete(id);
      response.writeHead(204).end();
      return true;
    default: {
      const parts = [...upload.parts].toSorted(([left], [right]) => left - right).map(([, part]) => part);
      const held = heldObject(Buffer.concat(parts));
      objects.set(path, held);
      uploads.delete(id);
      response.end(xml('CompleteMultipartUploadResult', `<ETag>${held.etag.replaceAll('"', '&quot;')}</ETag>`));
      return true;
    }
  }
}

function xml(name: string, content: string): string {
  return `<?xml version="1.0"?><${name}>${content}</${name}>`;
}
