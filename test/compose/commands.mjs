import { spawn } from 'node:child_process';

const TAIL = 4_000;

/**
 * Runs a program and resolves with its standard output. In a process group of its own, so that Ctrl-C reaches only this
 * test, which ends what it has begun. Throws, with the end of what it said, when it fails or takes too long.
 */
export function run(command, args, { cwd, env = process.env, timeoutMs = 60_000, signal, isShown = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    const hear = (stream, isOut) =>
      stream.setEncoding('utf8').on('data', (text) => {
        if (isOut) out += text;
        all = (all + text).slice(-TAIL);
        if (isShown) process.stderr.write(text);
      });
    hear(child.stdout, true);
    hear(child.stderr, false);
    let why;
    const stop = (reason) => {
      why ??= reason;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    };
    const timer = setTimeout(() => stop(`took longer than ${timeoutMs / 1000} s`), timeoutMs);
    const onAbort = () => stop('was interrupted');
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    const end = (settle) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      settle();
    };
    const line = [command, ...args].join(' ');
    child.once('error', (cause) =>
      end(() => reject(new Error(`${line} could not be started: ${cause.message}`, { cause }))),
    );
    child.once('close', (code, killedBy) =>
      end(() => {
        if (code === 0 && why === undefined) resolve(out);
        else reject(new Error(`${line} ${why ?? `ended with ${killedBy ?? `code ${code}`}`}: ${all.trim()}`));
      }),
    );
  });
}

/** Polls `probe` until it returns something truthy. A throw of `probe` counts as "not yet". */
export async function until(what, probe, { timeoutMs, everyMs = 200, signal }) {
  const deadline = Date.now() + timeoutMs;
  let last;
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await probe();
      if (found) return found;
      last = undefined;
    } catch (error) {
      if (error instanceof FinalError) throw error;
      last = error;
    }
    if (Date.now() > deadline) {
      const why = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`waited ${timeoutMs / 1000} s for ${what}${why}`);
    }
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Thrown by a probe when waiting longer is of no use. */
export class FinalError extends Error {}
