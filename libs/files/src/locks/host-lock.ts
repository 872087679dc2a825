import { connect, createServer, type Server } from 'node:net';
import { isCode } from '../error-code.js';

/** A lock in hand. It ends with the process, however that ends. */
export interface HostLock {
  release(): Promise<void>;
}

const ASK_TIMEOUT_MS = 500;

/**
 * Takes a lock that every process of the host sees, whatever its user, folder and Redis, or says in words who holds it.
 * It is a name in the kernel's abstract socket space, so nothing is left behind that could grow stale. Containers have
 * a space of their own each, unless they use the host's network. On other systems than Linux, where there is no such
 * space and no NVIDIA driver either, nothing is locked.
 */
export async function takeHostLock(name: string, holder: string): Promise<HostLock | string> {
  if (process.platform !== 'linux') return { release: async () => undefined };
  const address = `\0skiplane/${name}`;
  // Whoever asks is told who holds it.
  const server = createServer((socket) => socket.on('error', () => undefined).end(holder)).unref();
  try {
    await listening(server, address);
  } catch (error) {
    if (!isCode(error, 'EADDRINUSE')) throw error;
    return (await holderOf(address)) ?? 'another process';
  }
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Who holds the lock of that name, in words; null: nobody. */
export async function hostLockHolder(name: string): Promise<string | null> {
  return process.platform === 'linux' ? await holderOf(`\0skiplane/${name}`) : null;
}

function listening(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function holderOf(address: string): Promise<string | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(address);
    const settle = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    const heard = (): void => settle(text === '' ? 'another process' : text);
    socket.setEncoding('utf8').setTimeout(ASK_TIMEOUT_MS, heard);
    socket.on('data', (part: string) => (text += part));
    socket.once('end', heard);
    socket.once('error', (error) => (isCode(error, 'ECONNREFUSED') ? settle(null) : heard()));
  });
}
