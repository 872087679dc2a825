"""The optimisers of a run's spec as PyTorch has them. `optimizers.json` holds settings, in the spec's words."""

import torch


def kind_of(name, parameter):
    """A parameter's kind in the spec's words: `decayed` names some."""
    if parameter.dim() > 1:
        return "kernels"
    is_normalization = "bn" in name or "downsample.1" in name
    return ("gamma" if name.endswith("weight") else "beta") if is_normalization else "bias"


def make_sgd(groups, settings):
    momentum, nesterov = settings.get("momentum", 0.9), settings.get("nesterov", False)
    return torch.optim.SGD(groups, lr=settings["learningRate"], momentum=momentum, nesterov=nesterov)


def make_adamw(groups, settings):
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    return torch.optim.AdamW(groups, lr=settings["learningRate"], betas=betas, eps=settings.get("epsilon", 1e-8))


MOMENTS = {"firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"}

# By kind: what makes the optimiser, and the name of PyTorch's state for each of our slots.
OPTIMIZERS = {
    "sgd": (make_sgd, {"momentum": "momentum_buffer"}),
    "adamw": (make_adamw, MOMENTS),
}


def groups_of(net, settings):
    """A group of the parameters that decay, one of the others."""
    decayed = settings.get("decayed", ["kernels"])
    named = list(net.named_parameters())
    return [
        {
            "params": [p for n, p in named if (kind_of(n, p) in decayed) == is_decayed],
            "weight_decay": settings["weightDecay"] if is_decayed else 0.0,
        }
        for is_decayed in (True, False)
    ]


def steps(net, settings, gradients, rates):
    """One step for each set of gradients (by name), with its rate. Returns slots by our name, and the gradients' norms."""
    make, slots = OPTIMIZERS[settings["kind"]]
    optimizer = make(groups_of(net, settings), settings)
    norms = []
    for of_step, rate in zip(gradients, rates):
        for name, parameter in net.named_parameters():
            parameter.grad = of_step[name].clone()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), settings.get("clipNorm", float("inf")))
        norms.append(norm)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
    # SGD without momentum keeps nothing.
    kept = {
        slot: {n: optimizer.state[p][key] for n, p in net.named_parameters() if optimizer.state[p].get(key) is not None}
        for slot, key in slots.items()
    }
    return kept, torch.stack(norms)
