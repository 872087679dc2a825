import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isAlive } from './is-alive.mjs';

const POLL_MS = 200;
const TIMEOUT_MS = 15 * 60_000;

/**
 * Runs `body` alone among the processes that use this lock file; a lock of a dead process is taken over. The lock of
 * libs/files is out of reach here: this runs before it is compiled, and before any package is installed.
 */
export async function withFileLock(path, onWait, body) {
  mkdirSync(dirname(path), { recursive: true });
  const deadline = performance.now() + TIMEOUT_MS;
  let told = false;
  while (!tryTake(path)) {
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(holder)) {
      rmSync(path, { force: true });
      continue;
    }
    if (performance.now() > deadline)
      throw new Error(`process ${holder} has held ${path} for 15 minutes; stop it and try again`);
    if (!told) onWait(holder);
    told = true;
    await delay(POLL_MS);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await body();
  } finally {
    process.off('exit', release);
    release();
  }
}

function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Undefined while its taker has not written it yet, or it is gone again. */
function readHolder(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
