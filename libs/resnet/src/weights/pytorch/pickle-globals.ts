import { OpaqueObject, PickledGlobal, PickledList, type PickleValue } from './pickle-values.js';
import { rebuiltFromType, rebuiltParameter, rebuiltTensor, rebuiltTensorOfBytes } from './rebuilt-tensor.js';

type Call = PickledGlobal['call'];

/** Types of PyTorch as safetensors names them: of storages, such as torch.FloatStorage, and as dtypes. */
const TYPES = [
  ['F32', 'Float', 'float32'],
  ['F16', 'Half', 'float16'],
  ['BF16', 'BFloat16', 'bfloat16'],
  ['F64', 'Double', 'float64'],
  ['I64', 'Long', 'int64'],
  ['I32', 'Int', 'int32'],
  ['I16', 'Short', 'int16'],
  ['I8', 'Char', 'int8'],
  ['U8', 'Byte', 'uint8'],
  ['U8', 'Untyped', 'uint8'],
  ['BOOL', 'Bool', 'bool'],
  ['C64', 'ComplexFloat', 'complex64'],
  ['U16', 'UInt16', 'uint16'],
  ['U32', 'UInt32', 'uint32'],
  ['U64', 'UInt64', 'uint64'],
  ['F8_E4M3', 'Float8_e4m3fn', 'float8_e4m3fn'],
  ['F8_E5M2', 'Float8_e5m2', 'float8_e5m2'],
] as const;

/** Old files of Python 2 give the entries of an OrderedDict as pairs. */
const dictionary: Call = ([entries]) => {
  if (entries instanceof Map) return new Map(entries);
  const pairs = entries instanceof PickledList ? entries.items : [];
  const isPair = (pair: PickleValue): pair is readonly [PickleValue, PickleValue] =>
    (Array.isArray(pair) && pair.length === 2) || (pair instanceof PickledList && pair.items.length === 2);
  return new Map(
    pairs.filter(isPair).map((pair) => (pair instanceof PickledList ? pair.items : pair) as [PickleValue, PickleValue]),
  );
};

const REBUILDS: Readonly<Record<string, Call>> = {
  'collections.OrderedDict': dictionary,
  'collections.defaultdict': () => new Map(),
  'collections.Counter': dictionary,
  'torch._utils._rebuild_tensor': rebuiltTensor,
  'torch._utils._rebuild_tensor_v2': rebuiltTensor,
  'torch._utils._rebuild_tensor_v3': rebuiltTensorOfBytes,
  'torch._utils._rebuild_parameter': rebuiltParameter,
  'torch._utils._rebuild_parameter_with_state': rebuiltParameter,
  'torch._tensor._rebuild_from_type_v2': rebuiltFromType,
};

/** What trainers keep beside weights and what says nothing of them: plain data, not looked into. */
const OPAQUE = [
  '_codecs.encode',
  'argparse.Namespace',
  'types.SimpleNamespace',
  'lightning_fabric.utilities.data.AttributeDict',
  'lightning.fabric.utilities.data.AttributeDict',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  ...['bytearray', 'complex', 'dict', 'float', 'frozenset', 'int', 'list', 'set', 'str'].flatMap((name) => [
    `builtins.${name}`,
    `__builtin__.${name}`,
  ]),
  ...['PosixPath', 'PurePosixPath', 'WindowsPath', 'PureWindowsPath', 'Path'].flatMap((name) => [
    `pathlib.${name}`,
    `pathlib._local.${name}`,
  ]),
  'numpy.dtype',
  'numpy.ndarray',
  ...['scalar', '_reconstruct'].flatMap((name) => [`numpy.core.multiarray.${name}`, `numpy._core.multiarray.${name}`]),
  'torch.Size',
  'torch.Tensor',
  'torch.device',
  'torch.nn.parameter.Buffer',
  'torch.nn.parameter.Parameter',
  'torch.serialization._get_layout',
];

/** Every name that a pickle of weights may hold. What is not here is refused by name. */
export const PICKLE_GLOBALS: ReadonlyMap<string, PickledGlobal> = new Map(
  [
    ...Object.entries(REBUILDS).map(([name, call]) => new PickledGlobal(name, call)),
    ...OPAQUE.map(opaqueGlobal),
    ...TYPES.flatMap(([dtype, storage, name]) =>
      [
        `torch.${storage}Storage`,
        `torch.cuda.${storage}Storage`,
        `torch.storage.${storage}Storage`,
        `torch.${name}`,
      ].map((full) => new PickledGlobal(full, () => new OpaqueObject(full), dtype)),
    ),
  ].map((global) => [global.name, global]),
);

/** A global that stands for objects nobody looks into. */
export function opaqueGlobal(name: string): PickledGlobal {
  return new PickledGlobal(name, () => new OpaqueObject(name));
}

/** What files are or hold that have such names; the first that matches. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^torch\._utils\._rebuild_qtensor$|^torch\.Q\w+Storage$|^torch\.per_/, 'holds quantised tensors'],
  [/^torch\.distributed\.|ShardedTensor|DTensor/, 'is a sharded checkpoint, of FSDP or DTensor'],
  [/sparse/i, 'holds sparse tensors'],
  [/^torch\.jit\./, 'is a TorchScript model'],
  [
    /^(torch\.nn\.modules|torchvision\.models|torchvision\.ops|timm|__main__)\b/,
    'is a whole model, not its state dict',
  ],
];

/** The likely cause of names that are refused. */
export const kindOfGlobals = (names: readonly string[]): string | undefined =>
  KINDS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1];
