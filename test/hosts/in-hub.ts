import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { Network } from './network.js';

/** In the inner process: the namespace of the bridge. */
const HUB = 'SKIPLANE_TEST_HUB';

/** The hub that this process runs in; undefined outside. */
export const hubAround = (): string | undefined => process.env[HUB];

/** Makes a hub, runs this program again inside it, and deletes the network whatever happens. The inner one's exit code. */
export async function againInHub(env: Readonly<Record<string, string>> = {}): Promise<number> {
  const network = await Network.create();
  try {
    const [program = '', ...args] = [...network.inHub, process.execPath, ...process.argv.slice(1)];
    const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env, [HUB]: network.hub } });
    process.once('SIGINT', () => undefined);
    const [code] = await once(child, 'exit');
    return typeof code === 'number' ? code : 1;
  } finally {
    await network.destroy();
  }
}

/** Rejects with what is missing on this machine. */
export async function assertTools(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('network namespaces need root');
  await promisify(execFile)('ip', ['-V']).catch(() => {
    throw new Error('there is no ip on the PATH (Debian: apt-get install iproute2)');
  });
}
