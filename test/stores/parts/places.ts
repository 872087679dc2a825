import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import { startVersitygw, versitygw } from './versitygw.js';
import { startWebServer } from './web-server.js';

/** A location of a real server that a case puts files into. */
export interface Place {
  /** http://127.0.0.1:PORT: what a proxy stands in front of. */
  readonly url: string;
  /** `s3://…` or `http://…`, where the server is reached at `url`. */
  location(url: string): string;
  /** Of whoever reads there by way of `url`. */
  env(url: string): Readonly<Record<string, string>>;
  put(path: string, bytes: Uint8Array): Promise<void>;
}

/** A kind of server, for cases that are played with each. */
export interface PlaceKind extends Required<Pick<Scenario, 'packages' | 'parts'>> {
  readonly name: 's3' | 'http';
  start(operation: Operation): Promise<Place>;
}

export const PLACES: readonly PlaceKind[] = [
  {
    name: 's3',
    packages: [],
    parts: [versitygw],
    async start(operation) {
      const { server } = await startVersitygw(operation);
      await server.makeBucket('bucket');
      return {
        url: server.url,
        location: () => 's3://bucket/data',
        env: (url) => server.env(url),
        put: (path, bytes) => server.put('bucket', `data/${path}`, bytes),
      };
    },
  },
  {
    name: 'http',
    packages: ['nginx-light'],
    parts: [],
    async start(operation) {
      const server = await startWebServer(operation);
      return {
        url: server.url,
        location: (url) => `${url}/data`,
        env: () => ({}),
        put: (path, bytes) => server.put(`data/${path}`, bytes),
      };
    },
  },
];
