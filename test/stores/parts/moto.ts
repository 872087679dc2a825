import type { Operation } from '../../operations/operation.js';
import { BucketServer } from './bucket-server.js';
import { startModule } from './python.js';

/** moto's S3, which Python's tests use (https://docs.getmoto.org): all in its memory, and any keys will do. */
export async function startMoto(operation: Operation): Promise<BucketServer> {
  const port = await operation.freePort();
  await startModule(operation, 'moto.server', ['--host', '127.0.0.1', '--port', String(port)]);
  const server = new BucketServer(`http://127.0.0.1:${port}`, { accessKeyId: 'moto', secretAccessKey: 'any' });
  await server.untilUp(operation);
  return server;
}
