/** What wrappers put before every name: DataParallel and DistributedDataParallel, torch.compile. */
const WRAPPERS = /^(?:module\.|_orig_mod\.)+/;

/**
 * The tensors of a file under the names of the bare network: what wrappers put before every name is taken off. A prefix
 * that some names lack is no wrapper's and stays.
 */
export function unwrapped<T>(tensors: ReadonlyMap<string, T>): {
  readonly prefix: string;
  readonly tensors: ReadonlyMap<string, T>;
} {
  const [first = ''] = tensors.keys();
  const prefix = WRAPPERS.exec(first)?.[0] ?? '';
  if (prefix === '' || ![...tensors.keys()].every((name) => name.startsWith(prefix))) return { prefix: '', tensors };
  return { prefix, tensors: new Map([...tensors].map(([name, tensor]) => [name.slice(prefix.length), tensor])) };
}
