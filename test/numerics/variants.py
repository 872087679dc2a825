"""The networks of golden.py that torchvision does not have: other spans, gates, nested shortcuts, tables of blocks.

Written from the papers, not from our node lists; names and their order are those of our state dicts, since the numbers of
a tensor follow from its place.
"""

import torch
import torch.nn.functional as F
from torch import nn


class ZeroPad(nn.Module):
    """Option A: every second pixel, zero channels appended or on both sides."""

    def __init__(self, stride, extra, placement="after"):
        super().__init__()
        before = extra // 2 if placement == "both" else 0
        self.stride, self.pad = stride, (0, 0, 0, 0, before, extra - before)

    def forward(self, x):
        return F.pad(x[:, :, :: self.stride, :: self.stride], self.pad)


def shortcut(option, cin, cout, stride, placement="after"):
    if cin == cout and stride == 1 and option != "C":
        return None
    if option == "A":
        return ZeroPad(stride, cout - cin, placement)
    return nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))


class Gate(nn.Module):
    """T of Srivastava et al. 2015: y = T * branch + (1 - T) * carried."""

    def __init__(self, cin, cout, stride, per, function="sigmoid", kernel_size=1, bias=True):
        super().__init__()
        self.function, self.per, self.stride = function, per, stride
        outs = 1 if per == "layer" else cout
        if function != "constant":
            shape = (outs, cin, kernel_size, kernel_size) if per == "element" else (outs, cin)
            self.weight = nn.Parameter(torch.zeros(shape))
        self.bias = nn.Parameter(torch.zeros(outs)) if bias else None

    def forward(self, x):
        if self.function == "constant":
            return torch.sigmoid(self.bias)[None, :, None, None]
        if self.per == "element":
            z = F.conv2d(x, self.weight, stride=self.stride, padding=self.weight.shape[2] // 2)
        else:
            z = (x.mean((2, 3)) @ self.weight.T)[:, :, None, None]
        if self.bias is not None:
            z = z + self.bias[None, :, None, None]
        return torch.clamp(z / 6 + 0.5, 0, 1) if self.function == "hard-sigmoid" else torch.sigmoid(z)


class Block(nn.Module):
    def __init__(self, kind, cin, width, stride, span, option, variant, gate, placement):
        super().__init__()
        if kind == "basic":
            layers = [(3, stride if i == 0 else 1, width) for i in range(span)]
        else:
            first, second = (stride, 1) if variant == "v1" else (1, stride)
            layers = [(1, first, width), (3, second, width), (1, 1, 4 * width)]
        channels = cin
        for i, (size, step, out) in enumerate(layers, start=1):
            self.add_module(f"conv{i}", nn.Conv2d(channels, out, size, step, size // 2, bias=False))
            self.add_module(f"bn{i}", nn.BatchNorm2d(out))
            channels = out
        self.num_layers, self.option = len(layers), option
        # One for each place, so that hooks see every pre-activation.
        self.relus = nn.ModuleList(nn.ReLU() for _ in layers)
        self.downsample = None if option == "none" else shortcut(option, cin, channels, stride, placement)
        self.gate = None if gate is None else Gate(cin, channels, stride, **gate)

    def forward(self, x, outer=None):
        y = x
        for i in range(1, self.num_layers + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.num_layers:
                y = self.relus[i - 1](y)
        if self.option != "none":
            carried = x if self.downsample is None else self.downsample(x)
            if self.gate is None:
                y = y + carried
            else:
                t = self.gate(x)
                y = t * y + (1 - t) * carried
        if outer is not None:
            y = y + outer
        return self.relus[-1](y)


class Stage(nn.Module):
    def __init__(self, blocks, downsample, is_nested):
        super().__init__()
        for i, block in enumerate(blocks):
            self.add_module(str(i), block)
        self.num_blocks, self.is_nested = len(blocks), is_nested
        self.downsample = downsample

    def forward(self, x):
        start = x
        for i in range(self.num_blocks):
            outer = None
            if self.is_nested and i == self.num_blocks - 1:
                outer = start if self.downsample is None else self.downsample(start)
            x = getattr(self, str(i))(x, outer)
        return x


class Net(nn.Module):
    """A stem, stages of blocks, and a head; `model` is the `model` of a run's spec with a table of blocks."""

    def __init__(self, model):
        super().__init__()
        table = model["blocks"]
        widths, kind, is_wide = table["widths"], table["kind"], table["stem"] == "7x7"
        option = model.get("shortcut", "B" if is_wide else "A")
        gate = model.get("gate")
        gate = gate and {"kernel_size" if k == "kernelSize" else k: v for k, v in gate.items()}
        stem = (7, 2, 3) if is_wide else (3, 1, 1)
        self.conv1 = nn.Conv2d(3, widths[0], *stem, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(widths[0]), nn.ReLU()
        self.pool = nn.MaxPool2d(3, 2, 1) if is_wide else nn.Identity()
        channels = widths[0]
        for stage, (width, count) in enumerate(zip(widths, table["numBlocks"]), start=1):
            start, blocks, stride = channels, [], 1 if stage == 1 else 2
            for block in range(count):
                blocks.append(
                    Block(
                        kind, channels, width, stride if block == 0 else 1, model.get("skipSpan", 2), option,
                        model.get("variant", "v1.5"), gate, model.get("shortcutPadding", "after"),
                    )
                )
                channels = width * (4 if kind == "bottleneck" else 1)
            is_nested = model.get("nestedShortcuts", False) and count > 1
            outer = shortcut(option, start, channels, stride) if is_nested else None
            setattr(self, f"layer{stage}", Stage(blocks, outer, is_nested))
        self.num_stages, self.fc = len(widths), nn.Linear(channels, model["numClasses"])

    def forward(self, x):
        x = self.pool(self.relu(self.bn1(self.conv1(x))))
        for stage in range(1, self.num_stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(x.mean((2, 3)))
