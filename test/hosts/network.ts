import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;
/** What a slow line may make up for after a pause: as long as the kernel's timers are late under load. */
const BURST_MS = 2;
/** What waits for a slow line at most, from each host; what is more is lost. */
const QUEUE_MS = 15;
/** Bytes of a host in its turn. */
const QUANTUM = '6000';

/** Runs a program of iproute2; rejects with what it said. */
async function call(command: 'ip' | 'tc', ...args: string[]): Promise<void> {
  await run(command, args, { timeout: TIMEOUT_MS });
}

/** Not `ip netns exec`: that hides /sys, where memory limits are set. */
const enter = (namespace: string): readonly string[] => ['nsenter', `--net=/run/netns/${namespace}`, '--'];

/** A host of its own: a network namespace with one address on the bridge. */
export interface Host {
  readonly name: string;
  readonly address: string;
}

/**
 * Hosts on one machine: each a network namespace, joined by a bridge in a namespace of its own, so that nothing of the
 * machine's network is touched. Needs root and iproute2.
 */
export class Network implements AsyncDisposable {
  /** Where the bridge is; processes in its namespace have `hubAddress` and reach all hosts. */
  readonly hubAddress = '10.77.0.254';
  readonly #prefix: string;
  readonly #hosts: Host[] = [];

  private constructor(prefix: string) {
    this.#prefix = prefix;
  }

  static async create(): Promise<Network> {
    const network = new Network(`skp${process.pid}`);
    await call('ip', 'netns', 'add', network.hub);
    await network.#inHub('link', 'add', 'bridge', 'type', 'bridge');
    await network.#inHub('addr', 'add', `${network.hubAddress}/24`, 'dev', 'bridge');
    await network.#inHub('link', 'set', 'bridge', 'up');
    await network.#inHub('link', 'set', 'lo', 'up');
    return network;
  }

  /** The network that another process created; disposing it leaves the hub. */
  static attach(hub: string): Network {
    return new Network(hub.replace(/-hub$/, ''));
  }

  async addHost(name: string): Promise<Host> {
    const host: Host = { name, address: `10.77.0.${this.#hosts.length + 1}` };
    const namespace = this.#namespace(name);
    await call('ip', 'netns', 'add', namespace);
    this.#hosts.push(host);
    await this.#inHub('link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    await this.#inHub('link', 'set', name, 'master', 'bridge', 'up');
    await call('ip', '-n', namespace, 'addr', 'add', `${host.address}/24`, 'dev', 'eth0');
    await call('ip', '-n', namespace, 'link', 'set', 'eth0', 'up');
    await call('ip', '-n', namespace, 'link', 'set', 'lo', 'up');
    // The machine's own way of sending may be made for long distances, as bbr is, whose flows share a short line unevenly.
    const usual = ['congctl', 'cubic'];
    await call('ip', '-n', namespace, 'route', 'change', '10.77.0.0/24', 'dev', 'eth0', 'src', host.address, ...usual);
    return host;
  }

  /** What a command line begins with to run on that host. */
  on(host: Host): readonly string[] {
    return enter(this.#namespace(host.name));
  }

  /** The same for the hub. */
  get inHub(): readonly string[] {
    return enter(this.hub);
  }

  /** Pulls the cable: packets are lost, nobody is told. */
  async disconnect(host: Host): Promise<void> {
    await this.#inHub('link', 'set', host.name, 'down');
  }

  async reconnect(host: Host): Promise<void> {
    await this.#inHub('link', 'set', host.name, 'up');
  }

  /**
   * Limits what the host sends and gets, each way, to so many bits per second from now on. The hosts that use the line at once
   * have equal shares of it, as by Linux's usual `fq_codel`, which not every kernel has.
   */
  async slow(host: Host, bitsPerSecond: number): Promise<void> {
    await this.#shape(this.#namespace(host.name), 'eth0', 'dst', bitsPerSecond);
    await this.#shape(this.hub, host.name, 'src', bitsPerSecond);
  }

  async #shape(namespace: string, device: string, side: 'src' | 'dst', bitsPerSecond: number): Promise<void> {
    const tc = (what: string, verb: string, ...args: string[]): Promise<void> =>
      call('tc', '-n', namespace, what, verb, 'dev', device, ...args);
    const bytes = (ms: number): string => `${Math.round((bitsPerSecond / 8_000) * ms)}b`;
    const bursts = ['burst', bytes(BURST_MS), 'cburst', bytes(BURST_MS)];
    const limits = (share: number): string[] => {
      const rates = ['rate', `${Math.round(bitsPerSecond * share)}bit`, 'ceil', `${bitsPerSecond}bit`];
      return ['htb', ...rates, ...bursts, 'quantum', QUANTUM];
    };
    await tc('qdisc', 'del', 'root').catch(() => undefined);
    await tc('qdisc', 'add', 'root', 'handle', '1:', 'htb', 'default', 'fffe');
    await tc('class', 'add', 'parent', '1:', 'classid', '1:ffff', ...limits(1));
    // The hub: Redis and coordinator.
    await tc('class', 'add', 'parent', '1:ffff', 'classid', '1:fffe', ...limits(1 / (this.#hosts.length + 1)));
    for (const [index, { address }] of this.#hosts.entries()) {
      const classId = `1:${(index + 1).toString(16)}`;
      await tc('class', 'add', 'parent', '1:ffff', 'classid', classId, ...limits(1 / (this.#hosts.length + 1)));
      await tc('qdisc', 'add', 'parent', classId, 'bfifo', 'limit', bytes(QUEUE_MS));
      const match = ['u32', 'match', 'ip', side, `${address}/32`];
      await tc('filter', 'add', 'parent', '1:', 'protocol', 'ip', 'prio', '1', ...match, 'flowid', classId);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { name } of this.#hosts.splice(0)) await call('ip', 'netns', 'del', this.#namespace(name));
  }

  /** Deletes the hub and what a run that was interrupted left of the hosts. */
  async destroy(): Promise<void> {
    const { stdout } = await run('ip', ['netns', 'list'], { timeout: TIMEOUT_MS });
    const names = stdout.split('\n').map((line) => line.split(' ')[0] ?? '');
    for (const name of names.filter((each) => each.startsWith(`${this.#prefix}-`)))
      await call('ip', 'netns', 'del', name);
  }

  get hub(): string {
    return this.#namespace('hub');
  }

  #namespace(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  async #inHub(...args: string[]): Promise<void> {
    await call('ip', '-n', this.hub, ...args);
  }
}
