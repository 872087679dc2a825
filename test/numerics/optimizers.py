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


class Lamb(torch.optim.Optimizer):
    """You et al. 2019, algorithm 2, with Adam's bias corrections; PyTorch has none. A group is adapted or not."""

    def __init__(self, groups, lr, betas, eps):
        super().__init__(groups, {"lr": lr, "betas": betas, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            (beta1, beta2), rate = group["betas"], group["lr"]
            for w in group["params"]:
                state = self.state[w]
                if not state:
                    state.update(step=0, exp_avg=torch.zeros_like(w), exp_avg_sq=torch.zeros_like(w))
                state["step"] += 1
                m, v = state["exp_avg"], state["exp_avg_sq"]
                m.mul_(beta1).add_(w.grad, alpha=1 - beta1)
                v.mul_(beta2).addcmul_(w.grad, w.grad, value=1 - beta2)
                m_hat, v_hat = m / (1 - beta1 ** state["step"]), v / (1 - beta2 ** state["step"])
                update = m_hat / (v_hat.sqrt() + group["eps"]) + group["weight_decay"] * w
                sizes = w.norm(), update.norm()
                ratio = sizes[0] / sizes[1] if group["is_adapted"] and min(sizes) > 0 else 1.0
                w.sub_(update * (rate * ratio))


def make_lamb(groups, settings):
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    return Lamb(groups, settings["learningRate"], betas, settings.get("epsilon", 1e-6))


MOMENTS = {"firstMoment": "exp_avg", "secondMoment": "exp_avg_sq"}

# By kind: what makes the optimiser, and the name of PyTorch's state for each of our slots.
OPTIMIZERS = {
    "sgd": (make_sgd, {"momentum": "momentum_buffer"}),
    "adamw": (make_adamw, MOMENTS),
    "lamb": (make_lamb, MOMENTS),
}


def groups_of(net, settings):
    """A group of each kind of parameter."""
    kinds = {}
    for name, parameter in net.named_parameters():
        kinds.setdefault(kind_of(name, parameter), []).append(parameter)
    return [
        {
            "params": parameters,
            "weight_decay": settings["weightDecay"] if kind in settings.get("decayed", ["kernels"]) else 0.0,
            "is_adapted": kind in settings.get("adapted", ["kernels"]),
        }
        for kind, parameters in kinds.items()
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
