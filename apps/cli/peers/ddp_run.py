"""Images per second of a whole run of one epoch from JPEG files: DistributedDataParallel over gloo, one thread a process, torchvision's loader."""
import argparse, json, os, time
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from loader import loader
from resnet import build
from torchvision import datasets


def run(rank, a):
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(a.port))
    torch.set_num_threads(1)
    torch.manual_seed(1)
    if a.world > 1:
        dist.init_process_group("gloo", rank=rank, world_size=a.world)
    net, size, _ = build(a.model, 10)
    net = net.to(memory_format=torch.channels_last)
    if a.world > 1:
        net = torch.nn.parallel.DistributedDataParallel(net, gradient_as_bucket_view=True)
    train = os.path.join(a.folder, "train")
    sampler = torch.utils.data.DistributedSampler(datasets.ImageFolder(train), a.world, rank, seed=1) if a.world > 1 else None
    opt = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9, weight_decay=1e-4)
    seen, start = 0, None
    for step, (x, y) in enumerate(loader(train, size, a.batch, a.loader_workers, sampler)):
        opt.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=a.precision == "bf16"):
            loss = F.cross_entropy(net(x.to(memory_format=torch.channels_last)), y)
        loss.backward()
        opt.step()
        loss.item()
        seen += len(y)
        if step + 1 == a.skip:
            seen, start = 0, time.perf_counter()
    seconds = time.perf_counter() - start
    if rank == 0:
        print(json.dumps({"peer": "pytorch-ddp-gloo-run", "version": torch.__version__, **vars(a), "seconds": seconds,
                          "imagesPerSecond": a.world * seen / seconds}), flush=True)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--folder", required=True, help="with train/ of class folders")
    p.add_argument("--model", default="resnet20")
    p.add_argument("--batch", type=int, default=64, help="a process's")
    p.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    p.add_argument("--world", type=int, default=2)
    p.add_argument("--loader-workers", type=int, default=0, help="loader processes of each process")
    p.add_argument("--skip", type=int, default=10, help="steps before the clock starts")
    p.add_argument("--port", type=int, default=29517)
    a = p.parse_args()
    mp.spawn(run, (a,), a.world)
