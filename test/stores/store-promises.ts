/** What every store promises, asked of a real server. Jest runs it for the cases `…-promises`, which say where the server is. */
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readStoreSettings } from '../../libs/stores/src/index.js';
import { openStore } from '../../libs/stores/src/open-store.js';
import { storeConformance, type StoreSubject } from '../../libs/stores/src/testing/store-conformance.js';

const { SKIPLANE_TEST_URL: url = '', SKIPLANE_TEST_FOLDER: folder } = process.env;
const settings = readStoreSettings(process.env);
let number = 0;

/** A place of its own for every test. */
function subject(): Promise<StoreSubject> {
  number += 1;
  return folder === undefined ? bucketSubject(`a place ${number}/`) : webSubject(folder, `place-${number}`);
}

async function bucketSubject(prefix: string): Promise<StoreSubject> {
  const admin = new S3Client({ forcePathStyle: true, region: 'us-east-1' });
  const at = (path: string): { Bucket: string; Key: string } => ({ Bucket: 'promises', Key: prefix + path });
  return {
    store: openStore({ location: `s3://promises/${prefix}`, settings }),
    put: async (path, bytes) => void (await admin.send(new PutObjectCommand({ ...at(path), Body: bytes }))),
    remove: async (path) => void (await admin.send(new DeleteObjectCommand(at(path)))),
  };
}

async function webSubject(root: string, place: string): Promise<StoreSubject> {
  return {
    store: openStore({ location: `${url}/${place}`, settings }),
    put: async (path, bytes) => {
      const file = join(root, place, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, bytes);
      // nginx's ETag is the second of the last change, and the size.
      number += 1;
      await utimes(file, number, number);
    },
    remove: (path) => rm(join(root, place, path)),
  };
}

storeConformance(url, subject, { canList: folder === undefined });
