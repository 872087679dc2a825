import type { Part } from '../../operations/scenario.js';
import type { Operation } from '../../operations/operation.js';
import { findToxiproxy, Toxiproxy } from '../../hosts/toxiproxy.js';

export const toxiproxy: Part = async () =>
  (await findToxiproxy()) === null ? 'there is neither toxiproxy-server nor Go to build it' : undefined;

/** A line to a server that can be made worse. */
export interface ToxicLine extends AsyncDisposable {
  /** Of the line's near end. */
  readonly url: string;
  readonly proxies: Toxiproxy;
}

/** The name of its only line. */
export const LINE = 'line';

export async function startToxicLine(operation: Operation, serverUrl: string): Promise<ToxicLine> {
  const program = await findToxiproxy();
  if (program === null) throw new Error('toxiproxy is gone');
  const proxies = await Toxiproxy.start(program);
  const address = `127.0.0.1:${await operation.freePort()}`;
  await proxies.add(LINE, address, new URL(serverUrl).host);
  return {
    url: `http://${address}`,
    proxies,
    [Symbol.asyncDispose]: () => proxies[Symbol.asyncDispose](),
  };
}
