"""Writes the files of test/weights/files with PyTorch: one small network, saved as people save theirs.

    pip install torch torchvision safetensors numpy timm
    python test/weights/make_weights.py

`plain.safetensors`, `half.safetensors` and `bfloat16.safetensors` hold what the others are compared with, `shapes.json`
the names and shapes of networks that are not Skiplane's.
"""

import argparse
import collections
import io
import json
import os
import pathlib
import sys
import types
import zipfile

import numpy as np
import timm
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torch.optim.swa_utils import AveragedModel
from torchvision.models import resnet as tv

OUT = pathlib.Path(__file__).parent / "files"
WIDTHS = (3, 5)
NUM_CLASSES = 3


class Tiny(nn.Module):
    """Basic blocks of 3 and 5 channels under a 3x3 stem with projections."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, WIDTHS[0], 3, 1, 1, bias=False), nn.BatchNorm2d(WIDTHS[0])
        self.layer1 = nn.Sequential(tv.BasicBlock(WIDTHS[0], WIDTHS[0]))
        down = nn.Sequential(nn.Conv2d(*WIDTHS, 1, 2, bias=False), nn.BatchNorm2d(WIDTHS[1]))
        self.layer2 = nn.Sequential(tv.BasicBlock(*WIDTHS, 2, down))
        self.fc = nn.Linear(WIDTHS[1], NUM_CLASSES)

    def forward(self, x):
        x = self.layer2(self.layer1(torch.relu(self.bn1(self.conv1(x)))))
        return self.fc(x.mean((2, 3)))


def trained():
    """A network after two steps, so that statistics, counters and momentum are there."""
    torch.manual_seed(7)
    net = Tiny()
    sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for _ in range(2):
        net(torch.randn(4, 3, 8, 8)).square().sum().backward()
        sgd.step()
    return net, sgd


def behind(prefix, state):
    return collections.OrderedDict((prefix + name, tensor) for name, tensor in state.items())


def without_head(state):
    return collections.OrderedDict((name, t) for name, t in state.items() if not name.startswith("fc."))


def save(name, value, **options):
    torch.save(value, OUT / name, **options)


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/skiplane-evil",)


def attribute_dict():
    """Lightning's class, which is not installed here: a dict under its name."""
    for name in ("lightning_fabric", "lightning_fabric.utilities", "lightning_fabric.utilities.data"):
        sys.modules[name] = types.ModuleType(name)
    module = sys.modules["lightning_fabric.utilities.data"]
    module.AttributeDict = type("AttributeDict", (dict,), {"__module__": module.__name__})
    return module.AttributeDict(lr=0.1)


def rewritten(name, source, change=lambda name, data: data, method=zipfile.ZIP_STORED):
    """The same archive with other bytes in it."""
    with zipfile.ZipFile(OUT / source) as old, zipfile.ZipFile(OUT / name, "w", method) as new:
        for entry in old.namelist():
            new.writestr(entry, change(entry, old.read(entry)))


def big_endian(name, data):
    if name.endswith("/byteorder"):
        return b"big"
    # Storages of int64 counters have 8 bytes, all others are float32.
    if "/data/" in name:
        return np.frombuffer(data, "<i8" if len(data) == 8 else "<f4").byteswap().tobytes()
    return data


def main():
    OUT.mkdir(exist_ok=True)
    net, sgd = trained()
    state = net.state_dict()
    # Another state, which is not what is meant where an average lies beside it.
    other = collections.OrderedDict((name, tensor + 1) for name, tensor in state.items())
    namespace = argparse.Namespace(lr=0.1, model="tiny")

    save_file(state, OUT / "plain.safetensors")
    save("plain.pth", state)
    save("protocol5.pth", state, pickle_protocol=5)
    save("parameters.pth", {**state, **dict(net.named_parameters())})
    save("double.pth", net.double().state_dict())
    net.float()
    save("compiled.pt", behind("_orig_mod.module.", state))
    optimizer = sgd.state_dict()
    save("imagenet-example.pth.tar", {"epoch": 3, "arch": "tiny", "state_dict": behind("module.", state), "best_acc1": torch.tensor(71.5), "optimizer": optimizer})
    average = {"n_averaged": torch.tensor(2), **behind("module.", state)}
    save("torchvision-reference.pth", {"model": other, "optimizer": optimizer, "epoch": 1, "args": namespace, "model_ema": average})
    save("timm.pth.tar", {"epoch": 1, "arch": "tiny", "state_dict": other, "optimizer": optimizer, "version": 2, "args": namespace, "state_dict_ema": state, "metric": np.float64(70.1)})
    lightning = {**behind("model.", state), "criterion.weight": torch.ones(NUM_CLASSES)}
    save("lightning.ckpt", {"epoch": 1, "global_step": 2, "state_dict": lightning, "callbacks": {"ModelCheckpoint{'monitor': None}": {"best_model_path": "", "best_model_score": torch.tensor(0.5)}}, "optimizer_states": [optimizer], "hyper_parameters": attribute_dict(), "rng": np.arange(3)})
    save("swa.pt", AveragedModel(net).state_dict())
    save("mmpretrain.bin", {"meta": {"epoch": 1}, "state_dict": {**behind("backbone.", without_head(state)), "head.fc.weight": state["fc.weight"], "head.fc.bias": state["fc.bias"]}})
    save("headless.pth", {"teacher": behind("backbone.", without_head(state)), "student": behind("backbone.", without_head(other))})
    save("projector.pth", {**without_head(state), "fc.0.weight": torch.full((6, 5), torch.nan), "fc.2.weight": torch.ones(9, 6, dtype=torch.int8)})
    save("two-networks.pth", {"a": state, "b": other})

    # Kernels channels-last, everything in one storage, and in 16 bits.
    save("channels-last.pth", net.to(memory_format=torch.channels_last).state_dict())
    flat = torch.cat([tensor.flatten() for tensor in state.values() if tensor.is_floating_point()])
    views, at = collections.OrderedDict(), 0
    for name, tensor in state.items():
        if tensor.is_floating_point():
            views[name] = flat[at : at + tensor.numel()].view(tensor.shape)
            at += tensor.numel()
    save("one-storage.pth", views)
    for name, dtype in (("half", torch.float16), ("bfloat16", torch.bfloat16)):
        small = {key: tensor.to(dtype) if tensor.is_floating_point() else tensor for key, tensor in state.items()}
        save_file({key: tensor.contiguous() for key, tensor in small.items()}, OUT / f"{name}.safetensors")
        save(f"{name}.pth", small)

    rewritten("big-endian.pth", "plain.pth", big_endian)
    assert all(torch.equal(torch.load(OUT / "big-endian.pth")[name], state[name]) for name in state)
    torch.serialization.set_crc32_options(False)
    save("no-checksums.pth", state)
    torch.serialization.set_crc32_options(True)

    # What is refused.
    save("legacy.pth", state, _use_new_zipfile_serialization=False)
    save("whole-model.pth", net)
    save("evil.pth", {"state_dict": state, "extra": Evil()})
    save("quantised.pth", {"fc.weight": torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)})
    save("sparse.pth", {"fc.weight": torch.eye(2).to_sparse()})
    save("nothing.pth", {"epoch": 1})
    save("expanded.pth", {"fc.weight": torch.zeros(1).expand(10**12)})
    torch.jit.script(nn.Linear(1, 1)).save(str(OUT / "script.pt"))
    np.savez(OUT / "arrays.npz", a=np.zeros(1))
    rewritten("compressed.pth", "plain.pth", method=zipfile.ZIP_DEFLATED)
    rewritten("short-storage.pth", "plain.pth", lambda name, data: data[:-4] if name.endswith("/data/0") else data)
    with zipfile.ZipFile(OUT / "zipped.zip", "w") as archive:
        archive.write(OUT / "plain.pth", "plain.pth")

    networks = {
        **{name: getattr(torchvision.models, name) for name in ("resnext50_32x4d", "resnext101_32x8d", "wide_resnet50_2", "densenet121", "vgg11", "alexnet", "mobilenet_v2", "regnet_y_400mf", "vit_b_32")},
        **{name: lambda name=name: timm.create_model(name) for name in ("resnet50d", "resnet26d", "resnet50c", "seresnet50", "ecaresnet26t", "res2net50d", "resnest14d", "skresnet18", "resnetv2_50", "resnet50_gn", "resnext50d_32x4d", "convnext_atto")},
    }
    shapes = {}
    for name, make in networks.items():
        # Counters tell nothing, and neither does running_var beside running_mean.
        kept = {key: tensor for key, tensor in make().state_dict().items() if not key.endswith(("tracked", "running_var"))}
        shapes[name] = {key: list(tensor.shape) for key, tensor in kept.items()}
    (OUT / "shapes.json").write_text(json.dumps(shapes, separators=(",", ":")) + "\n")


main()
