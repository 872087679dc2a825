"""Writes the golden files of test/numerics with PyTorch and torchvision, computed in float64 and stored as float32.

    pip install torch torchvision safetensors numpy pillow
    python test/numerics/golden.py                      # all of them
    python test/numerics/golden.py imported variants    # some: see the end of this file

ReLU is not differentiable at zero: where a pre-activation lies within float32 rounding of zero, float32 may take the
other branch than float64, and the gradients of all layers below differ by far more than rounding. So batches are tried in
order of seed until no pre-activation of the float64 network is nearer to zero than MARGIN. The seed taken, that margin and
how far PyTorch's own float32 is from its float64 there are in the metadata.
"""

import json
import pathlib
import re
import sys

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torchvision import transforms
from torchvision.models import resnet as tv

import optimizers
from variants import Net

OUT = pathlib.Path(__file__).parent / "golden"
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NUM_SAMPLED = 64
MARGIN = 4e-6


class ZeroPadShortcut(nn.Module):
    """Option A: every second pixel, zero channels appended."""

    def __init__(self, extra):
        super().__init__()
        self.extra = extra

    def forward(self, x):
        return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.extra))


class Resnet20(nn.Module):
    """He et al. 2015, section 4.2, n = 3, option A, of torchvision's basic blocks."""

    def __init__(self, num_classes):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        for stage, (cin, cout) in enumerate(((16, 16), (16, 32), (32, 64)), start=1):
            first = tv.BasicBlock(cin, cout, 2, ZeroPadShortcut(cout - cin)) if stage > 1 else tv.BasicBlock(cin, cout)
            setattr(self, f"layer{stage}", nn.Sequential(first, tv.BasicBlock(cout, cout), tv.BasicBlock(cout, cout)))
        self.relu, self.fc = nn.ReLU(), nn.Linear(64, num_classes)

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.relu(self.bn1(self.conv1(x))))))
        return self.fc(x.mean((2, 3)))


def hash_uint32(count, salt):
    """hash-formula.ts has the same formula: murmur3's finaliser of index * 2654435761 + salt * 40503."""
    mask = np.uint64(0xFFFFFFFF)
    h = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) + np.uint64(salt * 40503)) & mask
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        h = ((h ^ (h >> np.uint64(shift))) * np.uint64(factor)) & mask
    return h ^ (h >> np.uint64(16))


def uniform(count, salt):
    return hash_uint32(count, salt).astype(np.float64) / 2.0**32


def hashed_state(net):
    """Weights of (position in the state dict, element): kernels within sqrt(6 / fan-out), the rest off its defaults."""
    state = {}
    for salt, (name, tensor) in enumerate(net.state_dict().items(), start=1):
        if name.endswith("num_batches_tracked"):
            state[name] = tensor
            continue
        u = uniform(tensor.numel(), salt)
        if tensor.dim() == 4:
            fan_out = tensor.shape[0] * tensor.shape[2] * tensor.shape[3]
            values = (2 * u - 1) * np.sqrt(6 / fan_out)
        elif tensor.dim() == 2:
            values = (2 * u - 1) / np.sqrt(tensor.shape[1])
        elif re.search(r"(bn\d|downsample\.1)\.weight$|running_var$", name):
            values = 0.5 + u
        else:
            values = 0.2 * u - 0.1
        state[name] = torch.from_numpy(values.astype(np.float32).reshape(tuple(tensor.shape)))
    return state


def batch(count, size, classes, seed):
    """uint8 NHWC pixels and labels."""
    pixels = (hash_uint32(count * size * size * 3, 1000 + seed) >> np.uint64(24)).astype(np.uint8)
    labels = hash_uint32(count, 2000 + seed) % np.uint64(classes)
    return torch.from_numpy(pixels.reshape(count, size, size, 3)), torch.from_numpy(labels.astype(np.int64))


def normalised(pixels, dtype):
    x = (pixels.to(dtype) / 255 - torch.tensor(MEAN, dtype=dtype)) / torch.tensor(STD, dtype=dtype)
    return x.permute(0, 3, 1, 2).contiguous()


def gradients(make, state, pixels, labels, dtype):
    """(network after one forward and backward in training mode, loss)."""
    net = make().to(dtype)
    net.load_state_dict(state)
    net.train()
    loss = F.cross_entropy(net(normalised(pixels, dtype)), labels)
    loss.backward()
    return net, loss


class Margin:
    """The smallest absolute value that a network's ReLUs see from here on."""

    def __init__(self, net):
        self.value = float("inf")
        for module in net.modules():
            if isinstance(module, nn.ReLU):
                module.register_forward_pre_hook(self.see)

    def see(self, _, inputs):
        self.value = min(self.value, inputs[0].abs().min().item())


def well_conditioned_batch(make, state, count, size, classes, first_seed):
    for seed in range(first_seed, first_seed + 300):
        pixels, labels = batch(count, size, classes, seed)
        net = make().double()
        net.load_state_dict(state)
        margin = Margin(net)
        with torch.no_grad():
            net.train()(normalised(pixels, torch.float64))
        if margin.value >= MARGIN:
            break
    else:
        raise SystemExit("no batch is well conditioned")
    exact, _ = gradients(make, state, pixels, labels, torch.float64)
    single, _ = gradients(make, state, pixels, labels, torch.float32)
    error = max(
        ((b.grad.double() - a.grad).norm() / a.grad.norm()).item()
        for a, b in zip(exact.parameters(), single.parameters())
    )
    return pixels, labels, found(seed, margin, error)


def found(seed, margin, error):
    metadata = {"seed": str(seed), "margin": f"{margin.value:.1e}", "float32_error": f"{error:.1e}"}
    print(metadata, flush=True)
    return metadata


def eval_logits(make, state, pixels):
    net = make().double()
    net.load_state_dict(state)
    net.eval()
    with torch.no_grad():
        return net(normalised(pixels, torch.float64))


def stored(tensors):
    return {k: (v.detach().float() if v.is_floating_point() else v.detach()).contiguous() for k, v in tensors.items()}


def write(name, tensors, metadata):
    metadata = {"format": "pt", "torch": torch.__version__.split("+")[0], **metadata}
    save_file(stored(tensors), OUT / name, metadata)


def two_steps(make, state, batches, dtype):
    """SGD, one step a batch: u = 0.9 u + g + 1e-4 w (kernels only), w -= 0.1 u."""
    net = make().to(dtype)
    net.load_state_dict(state)
    net.train()
    kernels = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() == 1]
    groups = [{"params": kernels, "weight_decay": 1e-4}, {"params": others, "weight_decay": 0}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    losses, margin = [], Margin(net)
    for pixels, labels in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(normalised(pixels, dtype)), labels)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return net, optimizer, losses, margin


def trajectory_error(exact, single):
    """The largest relative error of a tensor of weights or momentum."""
    errors = []
    for (_, a), (_, b) in zip(exact[0].named_parameters(), single[0].named_parameters()):
        pairs = ((a, b), (exact[1].state[a]["momentum_buffer"], single[1].state[b]["momentum_buffer"]))
        errors += [((y.double() - x).norm() / x.norm()).item() for x, y in pairs]
    return max(errors)


def write_resnet20():
    make = lambda: Resnet20(10)
    state = hashed_state(make())
    pixels, labels, first = well_conditioned_batch(make, state, 4, 32, 10, 0)
    net, loss = gradients(make, state, pixels, labels, torch.float64)
    write("resnet20.weights.safetensors", state, {})
    write("resnet20.gradients.safetensors", {k: p.grad for k, p in net.named_parameters()}, first)
    after = {k: b for k, b in net.named_buffers() if not k.endswith("num_batches_tracked")}
    write("resnet20.statistics-after.safetensors", after, {})

    # The second batch is a single image. A stage-1 gradient of beta is a sum over all pixels of a channel that cancels to
    # about 1/sqrt(pixels) of its terms; with 4 images one unit of float32 rounding in a channel's mean moves it by 1e-5
    # (measured by perturbing the float64 network), which is the tolerance itself.
    for seed in range(1000, 1300):
        pixels2, labels2 = batch(1, 32, 10, seed)
        batches = ((pixels, labels), (pixels2, labels2))
        net, optimizer, losses, margin = two_steps(make, state, batches, torch.float64)
        if margin.value >= MARGIN:
            break
    else:
        raise SystemExit("no second batch is well conditioned")
    second = found(seed, margin, trajectory_error((net, optimizer), two_steps(make, state, batches, torch.float32)))
    write("resnet20.two-steps.weights.safetensors", net.state_dict(), second)
    momentum = {k: optimizer.state[p]["momentum_buffer"] for k, p in net.named_parameters()}
    write("resnet20.two-steps.momentum.safetensors", momentum, {})
    write(
        "resnet20.batch.safetensors",
        {
            "images": pixels,
            "labels": labels,
            "evalLogits": eval_logits(make, state, pixels),
            "loss": loss.reshape(1),
            "images2": pixels2,
            "labels2": labels2,
            "loss2": torch.tensor([losses[1]], dtype=torch.float64),
        },
        {},
    )


def write_autocast():
    """The first batch of ResNet-20 in bf16 mixed precision, as torch.autocast does it, over the same float32 weights."""
    state = hashed_state(Resnet20(10))
    seed = int(safe_open(OUT / "resnet20.gradients.safetensors", "pt").metadata()["seed"])
    pixels, labels = batch(4, 32, 10, seed)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        net, loss = gradients(lambda: Resnet20(10), state, pixels, labels, torch.float32)
        net.load_state_dict(state)
        with torch.no_grad():
            logits = net.eval()(normalised(pixels, torch.float32))
    results = {f"gradient.{name}": parameter.grad for name, parameter in net.named_parameters()}
    write("resnet20.autocast.safetensors", {"loss": loss.reshape(1), "evalLogits": logits, **results}, {})


def write_regularized():
    """Two Nesterov steps of ResNet-20, decay on everything, smoothed labels: a mixup batch, then a cutmix batch."""
    make = lambda: Resnet20(10)
    state = hashed_state(make())
    box = torch.ones(32, 32)
    box[3:14, 9:30] = 0
    share = 1 - (11 * 21) / (32 * 32)
    # Smaller and clearer of zero the second time: it starts from weights that are rounded already.
    plans = ((torch.full((1, 1), 0.3), 0.3, 3, MARGIN), (box, share, 2, 3 * MARGIN))

    def train(seeds, dtype):
        net = make().to(dtype)
        net.load_state_dict(state)
        net.train()
        optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=0.005, nesterov=True)
        losses, margins = [], []
        for seed, (mask, share, count, _) in zip(seeds, plans):
            pixels, labels = batch(count, 32, 10, seed)
            x, hard, mask = normalised(pixels, dtype), F.one_hot(labels, 10).to(dtype), mask.to(dtype)
            x = x * mask + x.roll(1, 0) * (1 - mask)
            targets = hard * share + hard.roll(1, 0) * (1 - share)
            margin = Margin(net)
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), targets, label_smoothing=0.1)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            margins.append(margin.value)
        return net, optimizer, losses, margins

    seeds = []
    for *_, wanted in plans:
        for seed in range(2000 + 300 * len(seeds), 2300 + 300 * len(seeds)):
            if train([*seeds, seed], torch.float64)[3][-1] >= wanted:
                break
        else:
            raise SystemExit("no batch is well conditioned")
        seeds.append(seed)
    net, optimizer, losses, margins = train(seeds, torch.float64)
    error = trajectory_error((net, optimizer), train(seeds, torch.float32)[:2])
    metadata = {"seeds": ",".join(map(str, seeds)), "margin": f"{min(margins):.1e}", "float32_error": f"{error:.1e}"}
    print(metadata, flush=True)
    results = {"losses": torch.tensor(losses, dtype=torch.float64)}
    for name, parameter in net.named_parameters():
        stride = sampling_stride(parameter.numel())
        results[f"weights.{stride}.{name}"] = parameter.reshape(-1)[::stride]
        results[f"momentum.{stride}.{name}"] = optimizer.state[parameter]["momentum_buffer"].reshape(-1)[::stride]
    write("resnet20.regularized.safetensors", results, metadata)


def sampling_stride(numel):
    """Prime to the kernels' sizes, so that samples come from all channels and kernel positions."""
    stride = 1 if numel <= 512 else numel // NUM_SAMPLED
    while stride % 2 == 0 or (stride > 1 and stride % 3 == 0):
        stride += 1
    return stride


def write_resnet18():
    """Weights and images follow from the hash formula, so only results are kept: whole where small, else samples."""
    make = lambda: tv.resnet18(num_classes=10)
    state = hashed_state(make())
    pixels, labels, metadata = well_conditioned_batch(make, state, 2, 64, 10, 600)
    net, loss = gradients(make, state, pixels, labels, torch.float64)
    results = {"evalLogits": eval_logits(make, state, pixels), "loss": loss.reshape(1)}
    for name, parameter in net.named_parameters():
        flat = parameter.grad.reshape(-1)
        stride = sampling_stride(flat.numel())
        results[f"norm.{name}"] = flat.norm().reshape(1)
        results[f"every.{stride}.{name}"] = flat[::stride]
    for name, buffer in net.named_buffers():
        if not name.endswith("num_batches_tracked"):
            results[f"after.{name}"] = buffer
    write("resnet18.results.safetensors", results, metadata)


def write_keys():
    lists = {}
    for depth in (18, 34, 50, 101, 152):
        items = getattr(tv, f"resnet{depth}")(num_classes=1000).state_dict().items()
        lists[f"resnet{depth}"] = [f"{k} [{','.join(map(str, v.shape))}]" for k, v in items]
    (OUT / "torchvision-state-dict-keys.json").write_text(json.dumps(lists, indent=1) + "\n")


def write_views():
    """A 50 x 37 image as torchvision resizes and crops it, and what ResNet-20 makes of it by each testing protocol."""
    pixels = (hash_uint32(50 * 37 * 3, 77) >> np.uint64(24)).astype(np.uint8).reshape(37, 50, 3)
    image = Image.fromarray(pixels)
    results, state = {}, hashed_state(Resnet20(10))
    for side in (24, 32, 37, 60):
        results[f"resized.{side}"] = torch.from_numpy(np.array(transforms.Resize(side)(image)))
    crops = transforms.TenCrop(32)(transforms.Resize(35)(image))
    results["tenCrops"] = torch.from_numpy(np.stack([np.array(crop) for crop in crops]))
    results["center"] = torch.from_numpy(np.array(transforms.CenterCrop(32)(transforms.Resize(35)(image))))
    make = lambda: Resnet20(10)
    results["tenCropLogits"] = eval_logits(make, state, results["tenCrops"])
    scales = [eval_logits(make, state, results[f"resized.{side}"][None]) for side in (24, 32, 60)]
    results["scaleLogits"] = torch.cat(scales)
    results["scaleScores"] = results["scaleLogits"].softmax(1).mean(0)
    write("views.safetensors", results, {})


def write_imported():
    """Logits of the ImageNet networks: weights and images follow from the formula, so the rest need not be kept."""
    results = {}
    for depth in (18, 50, 152):
        make = getattr(tv, f"resnet{depth}")
        state = hashed_state(make())
        pixels, _ = batch(2, 64, 1000, 700)
        exact = eval_logits(make, state, pixels)
        net = make().eval()
        net.load_state_dict(state)
        with torch.no_grad():
            single = net(normalised(pixels, torch.float32))
        spread = exact.std(1).min().item() / exact.abs().max().item()
        error = ((single - exact).norm() / exact.norm()).item()
        print(f"resnet{depth}: float32 is {error:.1e} off, spread {spread:.2f}", flush=True)
        results[f"resnet{depth}"] = exact
    write("imported.safetensors", results, {})


def write_variants():
    """Networks that torchvision does not have, by tables of blocks: logits, loss, norms and samples of gradients."""
    results, metadata = {}, {}
    for name, model in json.loads((OUT.parent / "variants.json").read_text()).items():
        make = lambda: Net({"numClasses": 7, **model})
        state = hashed_state(make())
        pixels, labels, its = well_conditioned_batch(make, state, 3, model.get("imageSize", 16), 7, 800)
        net, loss = gradients(make, state, pixels, labels, torch.float64)
        results[f"{name}.evalLogits"], results[f"{name}.loss"] = eval_logits(make, state, pixels), loss.reshape(1)
        for key, parameter in net.named_parameters():
            flat = parameter.grad.reshape(-1)
            stride = sampling_stride(flat.numel())
            results[f"{name}.norm.{key}"] = flat.norm().reshape(1)
            results[f"{name}.every.{stride}.{key}"] = flat[::stride]
        metadata[f"seed.{name}"] = its["seed"]
    write("variants.safetensors", results, metadata)


def write_optimizers():
    """Weights, slots and gradient norms after four steps of each optimiser: gradients follow from the formula too."""
    results = {}
    variant = json.loads((OUT.parent / "variants.json").read_text())["a gate per element"]
    for name, settings in json.loads((OUT.parent / "optimizers.json").read_text()).items():
        net = Net({"numClasses": 7, **variant}).double()
        net.load_state_dict(hashed_state(net))
        gradients = [hashed_gradients(net, step, scale) for step, scale in enumerate((0.05, 0.01, 0.1, 0.02))]
        rates = [settings["learningRate"] * share for share in (0.5, 1, 1, 0.25)]
        slots, norms = optimizers.steps(net, settings, gradients, rates)
        results[f"{name}/norms"] = norms
        for key, parameter in net.named_parameters():
            results[f"{name}/weights/{key}"] = parameter
        results.update({f"{name}/{slot}/{key}": kept for slot, of_slot in slots.items() for key, kept in of_slot.items()})
    write("optimizers.safetensors", results, {})


def hashed_gradients(net, step, scale):
    """Of a parameter's place among the parameters and the step. In float32 first, as the engines are given them."""
    gradients = {}
    for place, (name, parameter) in enumerate(net.named_parameters()):
        values = (2 * uniform(parameter.numel(), 5000 + 200 * step + place) - 1) * scale
        gradients[name] = torch.from_numpy(values.astype(np.float32).astype(np.float64)).reshape(parameter.shape)
    return gradients


WRITERS = {
    "optimizers": write_optimizers,
    "keys": write_keys,
    "resnet20": write_resnet20,
    "autocast": write_autocast,
    "resnet18": write_resnet18,
    "views": write_views,
    "regularized": write_regularized,
    "imported": write_imported,
    "variants": write_variants,
}

if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    torch.use_deterministic_algorithms(True)
    for wanted in sys.argv[1:] or WRITERS:
        WRITERS[wanted]()
    print("\n".join(f"{p.stat().st_size:>9} {p.name}" for p in sorted(OUT.iterdir())))
