"""Reads shards with Python's webdataset: what lies in them, in their order."""

import hashlib
import json
import pathlib
import sys

import webdataset

folder = pathlib.Path(sys.argv[1])
names = (folder / "classnames.txt").read_text().splitlines()
told = []
for split in ("train", "val"):
    shards = [str(path) for path in sorted(folder.glob(f"{split}-*.tar"))]
    for sample in webdataset.WebDataset(shards, shardshuffle=False):
        label = int(sample["cls"])
        sha256 = hashlib.sha256(sample["jpg"]).hexdigest()
        told.append({"split": split, "label": label, "name": names[label], "sha256": sha256})
print(json.dumps(told))
