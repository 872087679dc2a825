import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { commandOnPath, defaultCacheDirectory, runCommand } from '#provision';

/** The version that is built where none is on the PATH. */
const MODULE = 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0';
const BUILD_TIMEOUT_MS = 300_000;
const CONTROL = 'http://127.0.0.1:8474';
const REQUEST_TIMEOUT_MS = 5_000;
const STARTS_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** What a stream can suffer; the attributes are toxiproxy's own. */
export type Toxic =
  | { readonly type: 'latency'; readonly attributes: { readonly latency: number; readonly jitter: number } }
  | { readonly type: 'reset_peer'; readonly attributes: { readonly timeout: number } }
  | {
      readonly type: 'slicer';
      readonly attributes: { readonly average_size: number; readonly size_variation: number; readonly delay: number };
    };

/** The program: `toxiproxy-server` of the PATH, else built once with Go into the cache; null without either. */
export async function findToxiproxy(): Promise<string | null> {
  const installed = await commandOnPath(['toxiproxy-server']);
  if (installed !== undefined) return installed;
  const folder = join(defaultCacheDirectory(process.env), 'toxiproxy');
  const built = await commandOnPath(['server'], folder);
  if (built !== undefined) return built;
  if ((await commandOnPath(['go'])) === undefined) return null;
  await runCommand('go', ['install', MODULE], {
    timeoutMs: BUILD_TIMEOUT_MS,
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
  });
  return join(folder, 'server');
}

/** Proxies that delay, chop and cut streams, for Linux without `netem`. */
export class Toxiproxy implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(program: string): Promise<Toxiproxy> {
    const child = spawn(program, ['-host', '127.0.0.1'], { stdio: 'ignore' });
    child.on('error', () => undefined);
    const toxiproxy = new Toxiproxy(child);
    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (!(await isUp())) {
      if (Date.now() > deadline) throw new Error('toxiproxy did not start');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return toxiproxy;
  }

  async add(name: string, listen: string, upstream: string): Promise<void> {
    await control('POST', '/proxies', { name, listen, upstream, enabled: true });
  }

  /** Both directions of every stream through that proxy, from now on. */
  async poison(name: string, toxic: Toxic): Promise<void> {
    for (const stream of ['upstream', 'downstream'])
      await control('POST', `/proxies/${name}/toxics`, { name: stream, stream, ...toxic });
  }

  /** Closes all its streams and refuses new ones. */
  async close(name: string): Promise<void> {
    await control('POST', `/proxies/${name}`, { enabled: false });
  }

  /** All proxies are open again and let everything through. */
  async heal(): Promise<void> {
    await control('POST', '/reset');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

const isUp = (): Promise<boolean> =>
  fetch(`${CONTROL}/version`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).then(
    ({ ok }) => ok,
    () => false,
  );

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const response = await fetch(CONTROL + path, {
    method,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${await response.text()}`);
}
