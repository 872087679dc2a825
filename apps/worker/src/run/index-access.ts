import type { Redis } from 'ioredis';
import type { IndexAccess } from '#dataset';
import { IndexBoard } from '#queue';
import type { Logger } from '#telemetry';

/** The coordinator reads 68 MB and compresses them within a second, and looks for runs every second. */
const TIMEOUT_MS = 10_000;

/** Indexes of data sets by way of Redis. Where it fails, this worker looks at the data set itself, which takes longer. */
export function indexAccess({
  folder,
  connection,
  logger,
}: {
  readonly folder: string;
  readonly connection: Redis;
  readonly logger: Logger;
}): IndexAccess {
  const board = new IndexBoard(connection);
  return {
    folder,
    take: (key, signal) =>
      board.take(key, { timeoutMs: TIMEOUT_MS, signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        logger.warn({ key, error: String(error) }, 'index-not-taken');
        return null;
      }),
  };
}
