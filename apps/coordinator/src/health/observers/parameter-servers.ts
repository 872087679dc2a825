import type { AskedServer } from '#parameter-server';
import type { FaultObserver } from '../fault-observer.js';
import type { FaultFound } from '../open-faults.js';

type Probe = (probe: AskedServer) => Promise<string | null>;

/** Loaded when it is first needed: the library brings kernels for sums along, which a coordinator has no use for. */
const probeByLibrary: Probe = async (probe) => (await import('#parameter-server')).probeServer(probe);

/** Whether the parameter servers answer, and of which version they are. */
export class ParameterServerObserver implements FaultObserver {
  readonly kinds = ['parameter-server', 'parameter-server-version'] as const;
  readonly #addresses: readonly string[];
  readonly #version: string;
  readonly #probe: Probe;
  #versions: ReadonlyMap<string, string | null> = new Map();

  /** `version`: of this coordinator. */
  constructor(addresses: readonly string[], version: string, probe = probeByLibrary) {
    this.#addresses = addresses;
    this.#version = version;
    this.#probe = probe;
  }

  /** As of the last look; null where one did not answer or does not say. */
  get versions(): { readonly address: string; readonly version: string | null }[] {
    return this.#addresses.map((address) => ({ address, version: this.#versions.get(address) ?? null }));
  }

  async look(): Promise<FaultFound[]> {
    const versions = new Map<string, string | null>();
    const found = await Promise.all(
      this.#addresses.map(async (server): Promise<FaultFound[]> => {
        try {
          const version = await this.#probe({ server });
          versions.set(server, version);
          if (version === this.#version) return [];
          const message = `the parameter server at ${server} is of version ${version ?? 'unknown'}, the coordinator of ${this.#version}`;
          return [{ kind: 'parameter-server-version', subject: server, message }];
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          const message = `the parameter server at ${server} does not answer the coordinator: ${why}`;
          return [{ kind: 'parameter-server', subject: server, message }];
        }
      }),
    );
    this.#versions = versions;
    return found.flat();
  }
}
