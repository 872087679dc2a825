"""Writes an image folder as parquet: OUT/datasets with Hugging Face's datasets, OUT/CODEC with pyarrow in each of its codecs."""

import hashlib
import json
import pathlib
import sys

import datasets
import pyarrow
import pyarrow.parquet

source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
told = []
for split, word in (("train", "train"), ("val", "validation")):
    classes = sorted(folder.name for folder in (source / split).iterdir() if folder.is_dir())
    files = sorted(path for path in (source / split).rglob("*") if path.is_file() and not path.name.startswith("."))
    images = [{"bytes": path.read_bytes(), "path": path.name} for path in files]
    labels = [classes.index(path.parent.name) for path in files]
    for path, image, label in zip(files, images, labels):
        name = path.parent.name
        told.append({"split": split, "label": label, "name": name, "sha256": hashlib.sha256(image["bytes"]).hexdigest()})

    features = datasets.Features({"image": datasets.Image(), "label": datasets.ClassLabel(names=classes)})
    (out / "datasets").mkdir(parents=True, exist_ok=True)
    columns = datasets.table.InMemoryTable(pyarrow.table({"image": images, "label": labels}, schema=features.arrow_schema))
    # Without a fingerprint it pickles the columns, which dill cannot do with every version of pyarrow.
    table = datasets.Dataset(columns, info=datasets.DatasetInfo(features=features), fingerprint=split)
    table.to_parquet(str(out / "datasets" / f"{word}-00000-of-00001.parquet"), batch_size=60)

    table = pyarrow.table({"image": images, "label": labels})
    for codec in ("none", "snappy", "gzip", "zstd", "brotli", "lz4"):
        (out / codec).mkdir(parents=True, exist_ok=True)
        half = len(files) // 2
        for part, rows in enumerate((table.slice(0, half), table.slice(half))):
            name = f"{word}-{part:05d}-of-00002.parquet"
            pyarrow.parquet.write_table(rows, out / codec / name, compression=codec, row_group_size=40)
print(json.dumps(told))
