import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { inFrontOf, startWebServer, type WebServer } from '../parts/web-server.js';
import { randomShard, readShard, sha256 } from '../read-shard.js';

const SHARD = randomShard(200_000, 'busy');
const RETRY_AFTER_S = 3;
const NUM_AT_ONCE = 40;
const NUM_ROUNDS = 20;

/** nginx that takes a request every two seconds, and says 503 to those that come sooner. */
function busyWebServer(operation: Operation, { answer, server = '' }: Busy): Promise<WebServer> {
  return startWebServer(operation, {
    http: `limit_req_zone $binary_remote_addr zone=busy:1m rate=30r/m; log_format times '$msec $status';`,
    server: `limit_req zone=busy; limit_req_status 503; error_page 503 @busy; location @busy { ${answer} return 503; }
      access_log ${join(operation.folder, 'requests')} times; ${server}`,
  });
}

interface Busy {
  /** More directives of its answer. */
  readonly answer: string;
  readonly server?: string;
}

interface RequestTime {
  readonly seconds: number;
  readonly status: number;
}

async function requestsOf(operation: Operation): Promise<readonly RequestTime[]> {
  const text = await readFile(join(operation.folder, 'requests'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(' ').map(Number))
    .map(([seconds = 0, status = 0]) => ({ seconds, status }));
}

/** Throws unless there was a 503, and nobody came back sooner than they were asked to. */
async function wasPatient(operation: Operation, atLeastS: number): Promise<void> {
  const requests = await requestsOf(operation);
  const waits = requests.flatMap(({ status, seconds }, at) =>
    status === 503 ? [(requests[at + 1]?.seconds ?? seconds) - seconds] : [],
  );
  if (waits.length === 0) throw new Error('the server was not busy');
  if (waits.some((wait) => wait < atLeastS)) throw new Error(`came back after ${waits.join(', ')} s`);
  operation.note(`came back after ${waits.map((wait) => wait.toFixed(1)).join(', ')} s`);
}

async function reads(operation: Operation, location: string, env: Readonly<Record<string, string>>): Promise<void> {
  const hash = await readShard(operation, { location, path: 'a.tar', env });
  if (hash !== sha256(SHARD)) throw new Error(`other bytes: ${hash}`);
}

const httpBusy = (name: string, answer: string, atLeastS: number): Scenario => ({
  name,
  about: `nginx answers 503 ${answer === '' ? 'and says no more' : `with Retry-After: ${RETRY_AFTER_S}`}`,
  packages: ['nginx-light'],
  async run(operation) {
    const web = await busyWebServer(operation, { answer });
    await web.put('data/a.tar', SHARD);
    await reads(operation, `${web.url}/data`, {});
    await wasPatient(operation, atLeastS);
  },
});

const RETRY_AFTER = `add_header Retry-After ${RETRY_AFTER_S} always;`;

export const busy: readonly Scenario[] = [
  httpBusy('http-busy', '', 0.1),
  httpBusy('http-retry-after', RETRY_AFTER, RETRY_AFTER_S),
  {
    name: 's3-retry-after',
    about: `S3 behind an nginx that answers 503 with Retry-After: ${RETRY_AFTER_S}`,
    packages: ['nginx-light'],
    parts: [versitygw],
    async run(operation) {
      const { server } = await startVersitygw(operation);
      await server.makeBucket('bucket');
      await server.put('bucket', 'a.tar', SHARD);
      const web = await busyWebServer(operation, { answer: RETRY_AFTER, server: inFrontOf(server.url) });
      await reads(operation, 's3://bucket', server.env(web.url));
      await wasPatient(operation, RETRY_AFTER_S);
    },
  },
  {
    name: 's3-slow-down',
    about: `${NUM_AT_ONCE} readers of a versitygw that takes two requests at once and answers SlowDown to others`,
    packages: [],
    parts: [versitygw],
    async run(operation) {
      const { server } = await startVersitygw(operation, ['--max-requests', '2']);
      await server.makeBucket('bucket');
      await server.put('bucket', 'a.tar', SHARD);
      const [location, env] = ['s3://bucket', server.env()];
      // Readers of a quick machine may miss one another.
      let numRefused = 0;
      for (let round = 0; round < NUM_ROUNDS && numRefused === 0; round += 1) {
        await Promise.all(Array.from({ length: NUM_AT_ONCE }, () => reads(operation, location, env)));
        numRefused = (await operation.log('versitygw')).split('| 503 |').length - 1;
      }
      if (numRefused === 0) throw new Error('the server was not busy');
      operation.note(`${numRefused} requests were refused at first`);
    },
  },
];
