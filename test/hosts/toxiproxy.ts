import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '#queue';
import { findGoProgram } from '../support/go-program.js';

const PROGRAM = {
  name: 'toxiproxy-server',
  module: 'github.com/Shopify/toxiproxy/v2/cmd/server@v2.12.0',
  built: 'server',
};
const REQUEST_TIMEOUT_MS = 5_000;
const STARTS_WITHIN_MS = 10_000;
const POLL_MS = 50;

/** What a stream can suffer; the attributes are toxiproxy's own. */
export type Toxic =
  | { readonly type: 'latency'; readonly attributes: { readonly latency: number; readonly jitter: number } }
  | { readonly type: 'reset_peer'; readonly attributes: { readonly timeout: number } }
  /** Kilobytes a second. */
  | { readonly type: 'bandwidth'; readonly attributes: { readonly rate: number } }
  /** A connection is closed when it has carried so many bytes. */
  | { readonly type: 'limit_data'; readonly attributes: { readonly bytes: number } }
  | {
      readonly type: 'slicer';
      readonly attributes: { readonly average_size: number; readonly size_variation: number; readonly delay: number };
    };

/** `toxiproxy-server` of the PATH, else built with Go; null without either. */
export const findToxiproxy = (): Promise<string | null> => findGoProgram(PROGRAM);

/** Proxies that delay, chop and cut streams, for Linux without `netem`. */
export class Toxiproxy implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #control: string;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.#control = `http://127.0.0.1:${port}`;
  }

  static async start(program: string): Promise<Toxiproxy> {
    const port = await freePort();
    const child = spawn(program, ['-host', '127.0.0.1', '-port', String(port)], { stdio: 'ignore' });
    child.on('error', () => undefined);
    const toxiproxy = new Toxiproxy(child, port);
    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (!(await toxiproxy.#isUp())) {
      if (Date.now() > deadline) throw new Error('toxiproxy did not start');
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return toxiproxy;
  }

  async add(name: string, listen: string, upstream: string): Promise<void> {
    await this.#call('POST', '/proxies', { name, listen, upstream, enabled: true });
  }

  /** Both directions of every stream through that proxy, or one, from now on. */
  async poison(
    name: string,
    toxic: Toxic,
    streams: readonly ('upstream' | 'downstream')[] = ['upstream', 'downstream'],
  ): Promise<void> {
    for (const stream of streams)
      await this.#call('POST', `/proxies/${name}/toxics`, { name: `${toxic.type} ${stream}`, stream, ...toxic });
  }

  /** Closes all its streams and refuses new ones. */
  async close(name: string): Promise<void> {
    await this.#call('POST', `/proxies/${name}`, { enabled: false });
  }

  /** All proxies are open again and let everything through. */
  async heal(): Promise<void> {
    await this.#call('POST', '/reset');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.pid === undefined) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }

  async #isUp(): Promise<boolean> {
    return await fetch(`${this.#control}/version`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  async #call(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(this.#control + path, {
      method,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path}: ${response.status} ${await response.text()}`);
  }
}
