import { writeFile } from 'node:fs/promises';
import type { Logger } from '#telemetry';

/** Touches the file by which a container's health check sees that this process is alive; nothing where none is named. */
export function touchHealthFile(path: string | undefined, logger: Logger): void {
  if (!path) return;
  writeFile(path, '').catch((error: unknown) => logger.warn({ error: String(error) }, 'health-file-failed'));
}
