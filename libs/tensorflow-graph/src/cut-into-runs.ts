import { inputName, type GraphBuilder, type NodeMessage, type Tensor } from './graph-builder.js';
import { identity } from './operations/arrays.js';
import { assignVariable, emptyVariable, readVariable, variable, type Variable } from './operations/variables.js';

/** What one run leaves for later ones. */
interface Held {
  readonly source: Tensor;
  readonly variable: Variable;
  /** The run that computes it. */
  readonly from: number;
  /** What each later run reads it by. */
  readonly reads: Map<number, Tensor>;
}

/**
 * What is run again where a later run needs it, beside what needs it. oneDNN's gradient of a maximum is another one, of other
 * bits, where the maximum itself is in another graph.
 */
const AGAIN: ReadonlySet<string> = new Set(['MaxPool']);

/**
 * Cuts the making of tensors into runs of a session: the first run gives the first one, the next run the second, and so on,
 * with the bits of one run. What depends on
 * what is fed is computed once, save a few cheap operations, and only the first run is fed. What a later run
 * needs of an earlier one waits in variables, which takes no copy, until the last run that needs it. The operations
 * stay as they are; those of later runs are copied, in the scope around. Each run must follow the one before.
 */
export function cutIntoRuns(graph: GraphBuilder, targets: readonly Tensor[]): readonly Tensor[] {
  const nodes = [...graph.nodes];
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const runs = runsOf(nodes, targets);
  const held = new Map<string, Held>();
  const copies = new Map<string, readonly Tensor[]>();

  const taken = (run: number, tensor: Tensor): Tensor => {
    const from = runs.get(tensor.operation);
    if (from === undefined) return tensor;
    if (from === run) return run === 0 ? tensor : (copies.get(tensor.operation)?.[tensor.output] ?? tensor);
    const again = byName.get(tensor.operation);
    if (again && AGAIN.has(again.op)) return takenAgain(run, again, tensor.output);
    const name = inputName(tensor);
    const kept = held.get(name) ?? {
      source: taken(from, tensor),
      variable: variable(graph, `held-${held.size}`, tensor.dtype, null),
      from,
      reads: new Map<number, Tensor>(),
    };
    held.set(name, kept);
    const read = kept.reads.get(run) ?? readVariable(graph, kept.variable);
    kept.reads.set(run, read);
    return read;
  };
  const repeats = new Map<string, readonly Tensor[]>();
  const takenAgain = (run: number, node: NodeMessage, output: number): Tensor => {
    const key = `${run} ${node.name}`;
    const data = node.input.filter((input) => !parsed(input).isControl);
    const repeat =
      repeats.get(key) ??
      graph.copy(
        node,
        data.flatMap((input) => inputIn(run, input)),
      );
    repeats.set(key, repeat);
    const tensor = repeat[output];
    if (tensor === undefined) throw new Error(`${node.name} has no output ${output}`);
    return tensor;
  };
  const inputIn = (run: number, input: string): readonly string[] => {
    const { operation, output, isControl } = parsed(input);
    if (!isControl) {
      const dtype = graph.outputsOf(operation)[output];
      if (dtype === undefined) throw new Error(`nothing is known of ${input}`);
      return [inputName(taken(run, { operation, output, dtype }))];
    }
    const from = runs.get(operation);
    // What an earlier run has done need not be waited for.
    if (from !== undefined && from !== run) return [];
    return [`^${copies.get(operation)?.[0]?.operation ?? operation}`];
  };
  for (const node of nodes) {
    const run = runs.get(node.name) ?? 0;
    if (run > 0)
      copies.set(
        node.name,
        graph.copy(
          node,
          node.input.flatMap((input) => inputIn(run, input)),
        ),
      );
  }
  const results = targets.map((target, run) => taken(run, target));
  const kept = [...held.values()];
  return results.map((result, run) =>
    identity(graph, result, `run-${run}`, [
      ...kept
        .filter(({ from }) => from === run)
        .map(({ variable: place, source }) => assignVariable(graph, place, source)),
      ...kept
        .filter(({ reads }) => Math.max(...reads.keys()) === run)
        .map(({ variable: place, reads }) => emptyVariable(graph, place, [reads.get(run) ?? result])),
    ]),
  );
}

/** The run of each operation that depends on what is fed: the first that needs it. */
function runsOf(nodes: readonly NodeMessage[], targets: readonly Tensor[]): ReadonlyMap<string, number> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const isFed = new Set<string>();
  // An operation is added after its inputs.
  for (const { name, op, input } of nodes)
    if (op === 'Placeholder' || input.some((each) => isFed.has(parsed(each).operation))) isFed.add(name);
  const runs = new Map<string, number>();
  for (const [run, target] of targets.entries()) {
    const waiting = [target.operation];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (runs.has(name) || !isFed.has(name)) continue;
      if (run > 0 && byName.get(name)?.op === 'Placeholder') throw new Error(`run ${run} would have to be fed ${name}`);
      runs.set(name, run);
      for (const input of byName.get(name)?.input ?? []) waiting.push(parsed(input).operation);
    }
  }
  return runs;
}

function parsed(input: string): { readonly operation: string; readonly output: number; readonly isControl: boolean } {
  const isControl = input.startsWith('^');
  const [operation = '', output = '0'] = (isControl ? input.slice(1) : input).split(':');
  return { operation, output: Number(output), isControl };
}
