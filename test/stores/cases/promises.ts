import { CommandError, runCommand } from '#provision';
import type { Operation } from '../../operations/operation.js';
import type { Scenario } from '../../operations/scenario.js';
import type { BucketServer } from '../parts/bucket-server.js';
import { startMoto } from '../parts/moto.js';
import { python } from '../parts/python.js';
import { startVersitygw, versitygw } from '../parts/versitygw.js';
import { startWebServer } from '../parts/web-server.js';

const JEST = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--runInBand', '--silent'];
/** From the compiled file. */
const ROOT = new URL('../../../../', import.meta.url).pathname;
const TIMEOUT_MS = 120_000;

/** Runs the conformance suite of stores; rejects with what failed. */
async function keepsPromises(operation: Operation, env: Readonly<Record<string, string>>): Promise<void> {
  const args = [...JEST, '--testMatch', '**/test/stores/store-promises.ts'];
  await runCommand(process.execPath, args, {
    timeoutMs: TIMEOUT_MS,
    cwd: ROOT,
    env: { ...process.env, ...env, SKIPLANE_SHARD_CACHE: `${operation.folder}/cache` },
  }).catch((error: unknown) => {
    throw error instanceof CommandError ? new Error(error.tail, { cause: error }) : error;
  });
}

async function bucketKeeps(operation: Operation, server: BucketServer): Promise<void> {
  await server.makeBucket('promises');
  await keepsPromises(operation, { ...server.env(), SKIPLANE_TEST_URL: server.url });
}

const about = (name: string): string => `${name} as a store: slices, streams, versions, lists, what is gone or changed`;

export const promises: readonly Scenario[] = [
  {
    name: 'versitygw-promises',
    about: about('S3 of versitygw'),
    packages: [],
    parts: [versitygw],
    run: async (operation) => bucketKeeps(operation, (await startVersitygw(operation)).server),
  },
  {
    name: 'moto-promises',
    about: about('S3 of moto'),
    packages: [],
    parts: [python],
    run: async (operation) => bucketKeeps(operation, await startMoto(operation)),
  },
  {
    name: 'nginx-promises',
    about: about('nginx'),
    packages: ['nginx-light'],
    async run(operation) {
      const { url, folder } = await startWebServer(operation);
      await keepsPromises(operation, { SKIPLANE_TEST_URL: url, SKIPLANE_TEST_FOLDER: folder });
    },
  },
];
