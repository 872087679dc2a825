"""Loads a weights file of ours into torchvision, strictly, and compares the logits of both.

    python test/numerics/torchvision_check.py ARCHITECTURE NUM_CLASSES weights.safetensors case.safetensors

The case holds `pixels` (uint8 NHWC) and `logits` (float32), which check-torchvision.ts writes. Prints one line of JSON.
"""

import json
import sys

import torch
import torchvision
from safetensors.torch import load_file

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

architecture, num_classes, weights, case = sys.argv[1:]
net = getattr(torchvision.models, architecture)(num_classes=int(num_classes))
net.load_state_dict(load_file(weights), strict=True)
given = load_file(case)
x = (given["pixels"].double() / 255 - torch.tensor(MEAN, dtype=torch.float64)) / torch.tensor(STD, dtype=torch.float64)
with torch.no_grad():
    logits = net.double().eval()(x.permute(0, 3, 1, 2).contiguous())
error = ((given["logits"].double() - logits).norm() / logits.norm()).item()
same = bool((given["logits"].topk(5).indices == logits.topk(5).indices).all())
print(json.dumps({"relativeError": error, "hasSameTopFive": same, "numBatchesTracked": int(net.bn1.num_batches_tracked)}))
