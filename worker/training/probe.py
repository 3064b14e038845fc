"""How well a fresh classifier tells two domains apart on features that do not change any more.

A classifier that was trained against the features may stand at one half only because it is weak;
one that begins anew on frozen features does not.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTH = 64
STEPS = 300
HELD = 0.4
"""Share of each domain that the probe does not learn from."""


def accuracy_of_fresh_probe(source: Tensor, target: Tensor, seed: int) -> float:
    """Mean of the two domains' shares of held-out features that are told rightly: .5 is chance.

    Args:
        source: (N, D) features of one domain.
        target: (M, D) of the other.
        seed: Of split and first numbers; torch's own generator is left as it was.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        parts = [one[torch.randperm(len(one))].float() for one in (source, target)]
        cuts = [int(len(one) * (1 - HELD)) for one in parts]
        learnt = [one[:cut] for one, cut in zip(parts, cuts, strict=True)]
        both = torch.cat(learnt)
        mean, spread = both.mean(dim=0), both.std(dim=0).clamp_min(1e-6)
        x = (both - mean) / spread
        y = torch.cat([torch.full((len(one),), float(k)) for k, one in enumerate(learnt)])
        weight = torch.where(y > 0, len(y) / (2 * len(learnt[1])), len(y) / (2 * len(learnt[0])))
        probe = nn.Sequential(nn.Linear(x.shape[1], WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))
        optimiser = torch.optim.AdamW(probe.parameters(), 3e-3, weight_decay=1e-2)
        for _ in range(STEPS):
            some = torch.randint(0, len(x), (128,))
            said = probe(x[some])[:, 0]
            loss: Tensor = nn.functional.binary_cross_entropy_with_logits(
                said, y[some], weight[some]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        probe.eval()
        with torch.no_grad():
            held = [one[cut:] for one, cut in zip(parts, cuts, strict=True)]
            right = [
                float(((probe((one - mean) / spread)[:, 0] > 0) == bool(k)).float().mean())
                for k, one in enumerate(held)
            ]
    return sum(right) / 2
