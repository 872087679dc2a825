import { z } from 'zod';

export const GATE_SCOPES = ['element', 'channel', 'layer'] as const;
export const GATE_FUNCTIONS = ['sigmoid', 'hard-sigmoid', 'constant'] as const;
export const GATE_KERNEL_SIZES = [1, 3] as const;

const NO_SCOPE = `a gate needs its scope: ${GATE_SCOPES.join(', ')}`;

/**
 * Highway gates (Srivastava et al. 2015) in place of the plain addition: y = T * branch + (1 - T) * shortcut. What is
 * left out has the default of its field.
 */
export const gateSchema = z
  .strictObject({
    /** element: a convolution of the block's input. channel, layer: a linear map of its channels' means to C or 1 gates. */
    per: z.enum(GATE_SCOPES, { error: ({ input }) => (input === undefined ? NO_SCOPE : undefined) }),
    /**
     * sigmoid (default). hard-sigmoid: clip(x/6 + 1/2, 0, 1). constant: the sigmoid of a learned number alone, whatever
     * the input; per channel or layer.
     */
    function: z.enum(GATE_FUNCTIONS).optional(),
    /** Side of the convolution of gates per element; default 1. */
    kernelSize: z.literal(GATE_KERNEL_SIZES).optional(),
    /** Whether a learned bias is added before the function; default true. */
    bias: z.boolean().optional(),
    /** Where the bias starts, default -2. Below 0 blocks start by carrying their input, above by transforming it. */
    initialBias: z.number().min(-10).max(10).optional(),
  })
  .superRefine((gate, context) => {
    const fault = (path: keyof typeof gate, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    const isConstant = gate.function === 'constant';
    if (gate.kernelSize !== undefined && (isConstant || gate.per !== 'element')) {
      fault('kernelSize', 'only gates per element that look at the input have a convolution: leave this out');
    }
    if (isConstant && gate.per === 'element') {
      fault('per', 'a constant per element would depend on the size of the image: channel or layer');
    }
    if (isConstant && gate.bias === false) fault('bias', 'a constant gate is nothing but its bias: leave this out');
    if (gate.initialBias !== undefined && gate.bias === false) {
      fault('initialBias', 'there is no bias to start from: leave this out, or bias true');
    }
  });

/** A gate with its defaults filled in; `initialBias` is null where there is no bias. */
export interface Gate {
  readonly per: (typeof GATE_SCOPES)[number];
  readonly function: (typeof GATE_FUNCTIONS)[number];
  readonly kernelSize: (typeof GATE_KERNEL_SIZES)[number];
  readonly initialBias: number | null;
}

export function completeGate(gate: z.infer<typeof gateSchema>): Gate {
  return {
    per: gate.per,
    function: gate.function ?? 'sigmoid',
    kernelSize: gate.kernelSize ?? 1,
    initialBias: gate.bias === false ? null : (gate.initialBias ?? -2),
  };
}
