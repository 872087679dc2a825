"""Writes kernels.json: for which types TensorFlow has a GPU kernel of each operation, and what refuses determinism.

    python3 test/gpu-kernels/kernel_table.py WHEEL

WHEEL is the pinned wheel with GPU kernels (libs/tensorflow-runtime/src/provision/tensorflow-wheels.ts). No GPU and no
package is needed: the library is loaded, which finds no device, and asked for its registry of kernels.
"""

import collections
import ctypes
import hashlib
import json
import mmap
import os
import pathlib
import re
import sys
import tempfile
import zipfile

LIBRARIES = ["libtensorflow_framework.so.2", "libtensorflow_cc.so.2"]

# Numbers of types.proto by the names of libs/tensorflow-graph/src/data-type.ts; others keep TensorFlow's.
TYPES = {
    1: "float32", 2: "float64", 3: "int32", 4: "uint8", 5: "int16", 6: "int8", 7: "string", 8: "complex64",
    9: "int64", 10: "bool", 11: "qint8", 12: "quint8", 13: "qint32", 14: "bfloat16", 15: "qint16", 16: "quint16",
    17: "uint16", 18: "complex128", 19: "float16", 20: "resource", 21: "variant", 22: "uint32", 23: "uint64",
    24: "float8_e5m2", 25: "float8_e4m3fn", 29: "int4", 30: "uint4", 31: "int2", 32: "uint2",
}

REF_SCATTERS = [f"Scatter{kind}" for kind in ["Add", "Div", "Max", "Min", "Mul", "Sub", "Update"]] + [
    f"ScatterNd{kind}" for kind in ["Add", "Max", "Min", "Sub", "Update"]
]

# What a kernel says when it refuses to run because TF_DETERMINISTIC_OPS=1 is set, the operations whose GPU kernels say
# so, and the attributes under which they do. Read out of the library's strings: one that matches REFUSAL below and is
# not among these stops the script.
REFUSED = [
    ("The GPU implementation of SoftmaxCrossEntropyWithLogits that would", ["SoftmaxCrossEntropyWithLogits"]),
    ("The GPU implementation of SparseSoftmaxCrossEntropyWithLogits that would", ["SparseSoftmaxCrossEntropyWithLogits"]),
    (
        "A deterministic GPU implementation of fused batch-norm backprop, when training is disabled,",
        ["FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3", "_FusedBatchNormGradEx"],
        {"is_training": False},
    ),
    ("A deterministic GPU implementation of AdjustContrast is", ["AdjustContrast"]),
    ("A deterministic GPU implementation of AdjustContrastv2 is", ["AdjustContrastv2"]),
    # Only where cuDNN's own kernel is not taken; named all the same.
    ("A deterministic GPU implementation of DepthwiseConvBackpropFilter is", ["DepthwiseConv2dNativeBackpropFilter"]),
    ("A deterministic GPU implementation of ResizeNearestNeighborGrad is", ["ResizeNearestNeighborGrad"]),
    ("A deterministic GPU implementation of SparseTensorDenseMatmulOp is", ["SparseTensorDenseMatMul"]),
    ("Determinism is not yet supported for DebugNumericSummaryV2 when", ["DebugNumericSummaryV2"]),
    ("Determinism is not yet supported for Dilation2DBackpropFilter.", ["Dilation2DBackpropFilter"]),
    ("Determinism is not yet supported for Dilation2DBackpropInput.", ["Dilation2DBackpropInput"]),
    ("Determinism is not yet supported for MaxPoolGradWithArgmax.", ["MaxPoolGradWithArgmax"]),
    ("Determinism is not yet supported for SVD of matrices with 1 column.", ["Svd"]),
    ("Determinism is not yet supported in GPU implementation of Bincount.", ["Bincount"]),
    ("Determinism is not yet supported in GPU implementation of DenseBincount.", ["DenseBincount"]),
    (
        "Determinism is not yet supported in GPU implementation of FakeQuantWithMinMaxVarsGradient.",
        ["FakeQuantWithMinMaxVarsGradient"],
    ),
    (
        "Determinism is not yet supported in GPU implementation of FakeQuantWithMinMaxVarsPerChannelGradient.",
        ["FakeQuantWithMinMaxVarsPerChannelGradient"],
    ),
    ("Determinism is not yet supported in GPU implementation of Scatter ops with ref inputs.", REF_SCATTERS),
    ("Deterministic GPU implementation of CropAndResizeBackpropBoxes not available.", ["CropAndResizeGradBoxes"]),
    ("Deterministic GPU implementation of CropAndResizeBackpropImage not available.", ["CropAndResizeGradImage"]),
    (
        "Deterministic GPU implementation of sorted segment reduction op not available.",
        [f"Segment{kind}" for kind in ["Max", "Mean", "Min", "Prod", "Sum"]],
    ),
    (
        "Deterministic GPU implementation of unsorted segment reduction op not available.",
        [f"UnsortedSegment{kind}" for kind in ["Max", "Min", "Prod", "Sum"]],
    ),
    # On the CPU, as it has no GPU kernel.
    ("Timestamp cannot be called when determinism is enabled", []),
    # XLA's kernel alone; the one of a graph that does not ask for XLA is cuDNN's, which is deterministic.
    ("GPU MaxPool gradient ops do not yet have a deterministic XLA implementation.", []),
    # XLA, of instructions that no operation above becomes.
    ("HLO instruction %s does not have a deterministic implementation, but run-to-run", []),
    # The rest of an XLA message, with the name of the instruction before it.
    (" do not yet have a deterministic implementation", []),
    # Random operations without a seed, whatever the device.
    ("When determinism is enabled, random ops must have a seed specified.", []),
]
REFUSAL = re.compile(
    rb"eterministic (GPU |XLA )?implementation|Determinism is not|is not deterministic|[Dd]eterminism is enabled"
)


def fields(message):
    """(number, value) of each field of a protobuf message: ints, and bytes of all that has a length."""
    at = 0

    def varint():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(message):
        key = varint()
        number, kind = key >> 3, key & 7
        if kind == 0:
            yield number, varint()
            continue
        size = varint() if kind == 2 else {1: 8, 5: 4}[kind]
        yield number, message[at : at + size]
        at += size


def allowed_types(attribute_value):
    """Names of the types in AttrValue.list.type (list is field 1, type its field 6, packed or not)."""
    numbers = []
    for number, content in fields(attribute_value):
        if number != 1:
            sys.exit(f"a kernel is constrained by something other than a list of types: {attribute_value!r}")
        for inner, value in fields(content):
            if inner == 6:
                numbers += [value] if isinstance(value, int) else list(value)
    return frozenset(TYPES.get(number, f"type {number}") for number in numbers)


def kernels_of(registry):
    """(operation, {attribute: types}, arguments in host memory) of every kernel that a GPU can be given."""
    for _, kernel in fields(registry):
        operation, device, label, types, host = "", "", "", {}, []
        for number, value in fields(kernel):
            if number == 1:
                operation = value.decode()
            elif number == 2:
                device = value.decode()
            elif number == 3:
                constraint = dict(fields(value))
                types[constraint[1].decode()] = allowed_types(constraint[2])
            elif number == 4:
                host.append(value.decode())
            elif number == 5:
                label = value.decode()
        # DEFAULT kernels fit any device; a kernel with a label is only taken by a node that names it.
        if device in ("GPU", "DEFAULT") and label == "":
            yield operation, types, tuple(sorted(host))


def merged(kernels):
    """Kernels that differ in the types of one attribute alone become one, until there are none left."""
    left = list(dict.fromkeys((frozenset(types.items()), host) for types, host in kernels))
    for name in sorted({name for types, _ in left for name, _ in types}):
        groups = collections.defaultdict(set)
        for types, host in left:
            rest = frozenset((other, allowed) for other, allowed in types if other != name)
            groups[rest, host] |= dict(types).get(name, {None})  # None: any type
        left = [
            (rest if None in allowed else rest | {(name, frozenset(allowed))}, host)
            for (rest, host), allowed in groups.items()
        ]
    entries = [
        {"types": {name: sorted(allowed) for name, allowed in sorted(types)}, **({"host": list(host)} if host else {})}
        for types, host in left
    ]
    return sorted(entries, key=json.dumps)


def registry_of(folder):
    os.environ.update({"CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"})
    loaded = [ctypes.CDLL(os.path.join(folder, name), mode=ctypes.RTLD_GLOBAL) for name in LIBRARIES]

    def function(name, result, arguments):
        found = next(getattr(library, name) for library in reversed(loaded) if hasattr(library, name))
        found.restype, found.argtypes = result, arguments
        return found

    class Buffer(ctypes.Structure):
        _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("deallocator", ctypes.c_void_p)]

    status = function("TF_NewStatus", ctypes.c_void_p, [])()
    buffer = function("TF_GetAllRegisteredKernels", ctypes.POINTER(Buffer), [ctypes.c_void_p])(status).contents
    version = function("TF_Version", ctypes.c_char_p, [])().decode()
    return ctypes.string_at(buffer.data, buffer.length), version


def refusals_of(folder):
    """Every string of the libraries that reads like a refusal."""
    found = set()
    for name in LIBRARIES:
        with open(os.path.join(folder, name), "rb") as file:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            for match in REFUSAL.finditer(content):
                start = max(content.rfind(b"\0", 0, match.start()) + 1, match.start() - 400)
                end = content.find(b"\0", match.end())
                found.add(content[start:end].decode("utf-8", "replace"))
    return found


def refused_operations(found):
    rows = []
    unknown = [text for text in found if not any(text.startswith(prefix) for prefix, *_ in REFUSED)]
    missing = [prefix for prefix, *_ in REFUSED if not any(text.startswith(prefix) for text in found)]
    if unknown or missing:
        sys.exit(f"the library's refusals are not those that this script knows\nnew: {unknown}\ngone: {missing}")
    for prefix, operations, *when in REFUSED:
        says = next(text for text in sorted(found) if text.startswith(prefix))
        rows += [
            {"operation": name, **({"when": when[0]} if when else {}), "says": says.split(". ")[0]} for name in operations
        ]
    return sorted(rows, key=lambda row: row["operation"])


def main(wheel):
    path = pathlib.Path(wheel)
    sha256 = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 24):
            sha256.update(chunk)
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            for name in LIBRARIES:
                with archive.open(f"tensorflow/{name}") as packed, open(os.path.join(folder, name), "wb") as file:
                    while chunk := packed.read(1 << 24):
                        file.write(chunk)
        refused = refused_operations(refusals_of(folder))
        registry, version = registry_of(folder)
    operations = collections.defaultdict(list)
    for operation, types, host in kernels_of(registry):
        operations[operation].append((types, host))
    for row in refused:
        if row["operation"] not in operations:
            sys.exit(f"{row['operation']} is said to refuse, and has no GPU kernel")
    lines = [f"    {json.dumps(name)}: {json.dumps(merged(operations[name]))}" for name in sorted(operations)]
    rows = [f"    {json.dumps(row)}" for row in refused]
    head = json.dumps({"tensorflow": version, "wheel": path.name, "sha256": sha256.hexdigest()}, indent=2)[2:-2]
    text = "{\n%s,\n  \"refused\": [\n%s\n  ],\n  \"kernels\": {\n%s\n  }\n}\n" % (head, ",\n".join(rows), ",\n".join(lines))
    json.loads(text)
    pathlib.Path(__file__).with_name("kernels.json").write_text(text)
    print(f"{len(operations)} operations with GPU kernels, {len(rows)} that refuse")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
