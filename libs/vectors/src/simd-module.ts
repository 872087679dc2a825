/** Just enough of a WebAssembly assembler for loops over vectors: code is a list of bytes. */
export type Code = readonly number[];

/** `(target, other, end)`: byte addresses in the module's page; `end` is where the target ends. */
export type Kernel = (target: number, other: number, end: number) => void;

/** The locals every kernel has: its three parameters, then vectors. */
export const TARGET = 0;
export const OTHER = 1;
const END = 2;
export const VECTORS = [3, 4, 5, 6, 7] as const;

/** `\0asm` and the version. */
const HEADER: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** LEB128 of a number that is not negative. */
function leb(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** The same for a constant, which is read as signed: bit 6 of the last byte is the sign. */
function signedLeb(value: number): Code {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signedLeb(value >>> 7)];
}

export const get = (local: number): Code => [0x20, local];
export const set = (local: number): Code => [0x21, local];
export const tee = (local: number): Code => [0x22, local];
const i32 = (value: number): Code => [0x41, ...signedLeb(value)];

/** A vector instruction by its opcode. */
export const simd = (opcode: number, ...immediates: readonly number[]): Code => [0xfd, ...leb(opcode), ...immediates];

/** Four equal words. */
export const words = (value: number): Code => {
  const bytes = [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  return simd(0x0c, ...bytes, ...bytes, ...bytes, ...bytes);
};

/** Sixteen bytes at the address in a local, plus offset. */
export const load = (pointer: number, offset = 0): Code => [...get(pointer), ...simd(0x00, 0, ...leb(offset))];
/** The value goes to the address in a local, plus offset. */
export const storeAt = (pointer: number, value: Code, offset = 0): Code => [
  ...get(pointer),
  ...value,
  ...simd(0x0b, 0, ...leb(offset)),
];
export const store = (value: Code, offset = 0): Code => storeAt(TARGET, value, offset);
/** Of words, and of bits. */
export const addWords = (left: Code, right: Code): Code => [...left, ...right, ...simd(0xae)];
export const multiplyWords = (left: Code, right: Code): Code => [...left, ...right, ...simd(0xb5)];
export const and = (left: Code, right: Code): Code => [...left, ...right, ...simd(0x4e)];
export const or = (left: Code, right: Code): Code => [...left, ...right, ...simd(0x50)];
/** Words by so many bits. */
export const shiftLeft = (value: Code, bits: number): Code => [...value, ...i32(bits), ...simd(0xab)];
export const shiftRight = (value: Code, bits: number): Code => [...value, ...i32(bits), ...simd(0xad)];

/** Bytes by which a turn moves the addresses, and what is done before the first and after the last one. */
interface Turns {
  readonly target: number;
  readonly other: number;
  readonly before?: Code;
  readonly after?: Code;
}

/** `before; do { body; target += t; other += o } while (target < end); after`. */
export function kernel(body: Code, { target, other, before = [], after = [] }: Turns): Code {
  const advance = (local: number, bytes: number): Code => [...get(local), ...i32(bytes), 0x6a, ...set(local)];
  return [
    ...before,
    0x03,
    0x40,
    ...body,
    ...advance(TARGET, target),
    ...advance(OTHER, other),
    ...get(TARGET),
    ...get(END),
    0x49,
    0x0d,
    0x00,
    0x0b,
    ...after,
    0x0b,
  ];
}

/** Compiles kernels by name over one page (64 KiB) of memory of their own. */
export function compileKernels<Name extends string>(
  kernels: Readonly<Record<Name, Code>>,
): { readonly page: ArrayBuffer; readonly run: Readonly<Record<Name, Kernel>> } {
  const sized = (bytes: Code): Code => [...leb(bytes.length), ...bytes];
  const names = Object.keys(kernels) as Name[];
  const list = (items: readonly Code[]): Code => [...leb(items.length), ...items.flat()];
  const text = (name: string): Code => sized([...Buffer.from(name)]);
  const section = (id: number, items: readonly Code[]): Code => [id, ...sized(list(items))];
  const bytes = Uint8Array.from([
    ...HEADER,
    ...section(1, [[0x60, 3, 0x7f, 0x7f, 0x7f, 0]]),
    ...section(2, [[...text('a'), ...text('m'), 0x02, 0x00, 1]]),
    ...section(
      3,
      names.map(() => [0]),
    ),
    ...section(
      7,
      names.map((name, index) => [...text(name), 0x00, index]),
    ),
    ...section(
      10,
      names.map((name) => sized([1, VECTORS.length, 0x7b, ...kernels[name]])),
    ),
  ]);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance<Readonly<Record<Name, Kernel>>>(new WebAssembly.Module(bytes), {
    a: { m: memory },
  });
  return { page: memory.buffer, run: exports };
}
