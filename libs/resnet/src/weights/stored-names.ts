/** The tensors of one network in a file, under the names of the bare network. */
export interface NetworkTensors<T> {
  /** What stood before every name: `module.`, `state_dict.model.`. */
  readonly prefix: string;
  readonly tensors: ReadonlyMap<string, T>;
  /** Where the head lay, where that was not `fc.` behind the prefix: `head.fc.`. */
  readonly headPrefix: string | undefined;
  /** Other networks in the file, by their prefixes. */
  readonly others: readonly string[];
  /** Whether nothing says which of the networks is meant: one of them was taken. */
  readonly isAmbiguous: boolean;
  /** Full names of everything else: other networks, optimisers, counters of averages. */
  readonly beside: readonly string[];
}

/** A first block under torchvision's names, which every network of ours and of its kin has. */
const FIRST_BLOCK = /^((?:.*?\.)?)layer1\.0\./;
/** What wrappers put before every name: DataParallel and DistributedDataParallel, torch.compile. */
const WRAPPERS = /^(?:module\.|_orig_mod\.)+/;
/** Averages of weights, as timm, torchvision, Lightning and mean teachers call them: what is evaluated. */
const AVERAGE = /(?:^|[._])(?:ema|swa|avg|averaged?|shadow|teacher)(?:[._]|$)/i;
/** Second networks of self-supervised training, which follow the first and are not meant to be used. */
const FOLLOWER = /(?:^|[._])(?:encoder_k|key_encoder|momentum_encoder|target_encoder|target_network)(?:[._]|$)/i;
/** Names of a linear head that are not torchvision's: mmpretrain's, Lightning modules'. */
const OTHER_HEADS = ['head.fc.', 'cls_head.fc.', 'head.', 'classifier.', 'linear.', 'fc.'];

/**
 * Finds the network in a file, wherever its wrappers and trainers put it, and takes off what stands before its names. Of an
 * average and the weights that it averages, takes the average.
 */
export function networkTensors<T extends { readonly shape: readonly number[] }>(
  stored: ReadonlyMap<string, T>,
): NetworkTensors<T> {
  const names = [...stored.keys()];
  const prefixes = [...new Set(names.flatMap((name) => FIRST_BLOCK.exec(name)?.[1] ?? []))].sort(
    (left, right) => rank(left) - rank(right),
  );
  const [prefix = commonWrapper(names), ...others] = prefixes;
  const isOfOther = (name: string): boolean =>
    others.some((other) => other.startsWith(prefix) && name.startsWith(other));
  const tensors = new Map<string, T>();
  const beside: string[] = [];
  for (const [name, tensor] of stored) {
    if (name.startsWith(prefix) && !isOfOther(name)) tensors.set(name.slice(prefix.length), tensor);
    else beside.push(name);
  }
  const headPrefix = takeOtherHead(stored, prefix, tensors);
  return {
    prefix,
    tensors,
    headPrefix,
    others,
    isAmbiguous: others.length > 0 && rank(prefix) === rank(others[0] ?? ''),
    beside: beside.filter((name) => headPrefix === undefined || !name.startsWith(headPrefix)),
  };
}

/** Whether a prefix is that of an average of weights. */
export const isAverage = (prefix: string): boolean => AVERAGE.test(prefix);

const rank = (prefix: string): number => (isAverage(prefix) ? 0 : FOLLOWER.test(prefix) ? 2 : 1);

/** A prefix that some names lack is no wrapper's and stays. */
function commonWrapper(names: readonly string[]): string {
  const prefix = WRAPPERS.exec(names[0] ?? '')?.[0] ?? '';
  return names.every((name) => name.startsWith(prefix)) ? prefix : '';
}

/** Gives a network without a head the one beside it, where its shape fits features; returns where that was. */
function takeOtherHead<T extends { readonly shape: readonly number[] }>(
  stored: ReadonlyMap<string, T>,
  prefix: string,
  tensors: Map<string, T>,
): string | undefined {
  if ([...tensors.keys()].some((name) => name.startsWith('fc.'))) return undefined;
  const parent = prefix.replace(/[^.]+\.$/, '');
  for (const base of new Set([prefix, parent])) {
    for (const head of OTHER_HEADS) {
      const [weight, bias] = [stored.get(`${base}${head}weight`), stored.get(`${base}${head}bias`)];
      if (weight?.shape.length !== 2 || bias?.shape.join() !== String(weight.shape[0])) continue;
      if (base === prefix) for (const end of ['weight', 'bias']) tensors.delete(`${head}${end}`);
      tensors.set('fc.weight', weight).set('fc.bias', bias);
      return base + head;
    }
  }
  return undefined;
}
