"""Writes an image folder as shards with Python's webdataset: OUT/cls with `.cls`, OUT/json with the class's name in `.json`."""

import hashlib
import json
import pathlib
import sys

import webdataset

source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
told = []
for split in ("train", "val"):
    classes = sorted(folder.name for folder in (source / split).iterdir() if folder.is_dir())
    files = sorted(path for path in (source / split).rglob("*") if path.is_file() and not path.name.startswith("."))
    writers = {}
    for form in ("cls", "json"):
        (out / form).mkdir(parents=True, exist_ok=True)
        writers[form] = webdataset.ShardWriter(str(out / form / f"{split}-%03d.tar"), maxcount=50, verbose=0)
    for at, path in enumerate(files):
        data, name = path.read_bytes(), path.parent.name
        sample = {"__key__": f"{split}/{at:06d}", "jpg": data}
        writers["cls"].write({**sample, "cls": classes.index(name)})
        writers["json"].write({**sample, "json": {"caption": "a shape", "name": name}})
        told.append({"split": split, "label": classes.index(name), "name": name, "sha256": hashlib.sha256(data).hexdigest()})
    for writer in writers.values():
        writer.close()
print(json.dumps(told))
