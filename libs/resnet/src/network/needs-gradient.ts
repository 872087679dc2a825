import type { Network } from './network.js';

/** For each node whether it is trained, or anything before it is: elsewhere a backward pass has nothing to do. */
export function needsGradient(network: Network): readonly boolean[] {
  const needs: boolean[] = [];
  for (const node of network.nodes) {
    const isTrained = 'name' in node && !('isFrozen' in node && node.isFrozen);
    needs.push(isTrained || node.inputs.some((index) => needs[index] === true));
  }
  return needs;
}
