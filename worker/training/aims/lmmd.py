"""Local maximum mean discrepancy: how differently two domains spread the features of each class.

Source: Zhu et al. 2020, "Deep Subdomain Adaptation Network for Image Classification", equations 4
to 6; kernels as in Long et al. 2015 (several Gaussians whose widths follow the mean distance).
Written from the papers.
"""

from __future__ import annotations

import torch
from torch import Tensor

KERNELS = 5
RATIO = 2.0
"""Gaussians, each twice as wide as the one before; the middle one has the mean distance."""


def kernels(source: Tensor, target: Tensor) -> Tensor:
    """(N + M, N + M) sums of Gaussian kernels over (N, D) and (M, D) features, source first."""
    both = torch.cat([source, target])
    squared = torch.cdist(both, both, compute_mode="donot_use_mm_for_euclid_dist").square()
    count = len(both)
    width = squared.detach().sum() / max(count * count - count, 1)
    width = (width / RATIO ** (KERNELS // 2)).clamp_min(1e-12)
    total = torch.zeros_like(squared)
    for k in range(KERNELS):
        total = total + torch.exp(-squared / (width * RATIO**k))
    return total


def class_weights(shares: Tensor) -> Tensor:
    """(N, C) weights of samples in each class that sum to 1 over the samples of a class.

    shares: (N, C) how far each sample belongs to each class: one-hot labels, or probabilities.
    A class that nobody belongs to has weights 0.
    """
    total = shares.sum(dim=0, keepdim=True)
    return torch.where(total > 0, shares / total.clamp_min(1e-12), torch.zeros_like(shares))


def lmmd(source: Tensor, labels: Tensor, target: Tensor, probabilities: Tensor) -> Tensor:
    """The discrepancy, a mean over the classes that both domains have samples of.

    Args:
        source: (N, D) features.
        labels: (N,) their classes.
        target: (M, D) features.
        probabilities: (M, C) what the classifier says of the target's samples; no gradient flows
            into them.
    """
    classes = probabilities.shape[1]
    ours = torch.nn.functional.one_hot(labels, classes).to(source.dtype)
    theirs = probabilities.detach()
    likely = torch.nn.functional.one_hot(theirs.argmax(dim=1), classes)
    there = (ours.sum(dim=0) > 0) & (likely.sum(dim=0) > 0)
    if not there.any():
        return source.sum() * 0
    ours, theirs = class_weights(ours)[:, there], class_weights(theirs)[:, there]
    kernel = kernels(source, target)
    n = len(source)
    within = torch.einsum("ic,jc,ij->c", ours, ours, kernel[:n, :n])
    beyond = torch.einsum("ic,jc,ij->c", theirs, theirs, kernel[n:, n:])
    across = torch.einsum("ic,jc,ij->c", ours, theirs, kernel[:n, n:])
    return (within + beyond - 2 * across).mean()
