"""Rotations as six numbers (Zhou et al. 2019): the first two columns of the matrix."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from torch import Tensor
from torch.nn import functional

Array = NDArray[np.float64]


def to_matrices(six: Tensor) -> Tensor:
    """(..., 6) numbers to (..., 3, 3) rotations by Gram and Schmidt.

    The six are the first column and the second one.
    """
    first, second = six[..., :3], six[..., 3:]
    x = functional.normalize(first, dim=-1, eps=1e-8)
    y = functional.normalize(second - (x * second).sum(-1, keepdim=True) * x, dim=-1, eps=1e-8)
    return torch.stack([x, y, torch.linalg.cross(x, y, dim=-1)], dim=-1)


def to_six(matrices: Tensor) -> Tensor:
    """(..., 3, 3) rotations to (..., 6)."""
    return torch.cat([matrices[..., 0], matrices[..., 1]], dim=-1)


def from_vectors(pose: Array) -> Array:
    """(..., 3·J) axis-angles to (..., J, 3, 3)."""
    flat = np.asarray(pose, float).reshape(-1, 3)
    found = Rotation.from_rotvec(flat).as_matrix()
    return np.asarray(found.reshape(*pose.shape[:-1], -1, 3, 3))


def to_vectors(matrices: Array) -> Array:
    """(..., J, 3, 3) to (..., 3·J) axis-angles."""
    flat = np.asarray(matrices, float).reshape(-1, 3, 3)
    found = Rotation.from_matrix(flat).as_rotvec()
    return np.asarray(found.reshape(*matrices.shape[:-3], -1))


def mean_rotations(matrices: Array) -> Array:
    """(N, J, 3, 3) to the (J, 3, 3) nearest to all of them (chordal mean: Hartley et al. 2013)."""
    U, _, Vt = np.linalg.svd(np.asarray(matrices, float).mean(axis=0))
    sign = np.ones((len(U), 3))
    sign[:, 2] = np.sign(np.linalg.det(U @ Vt))
    return np.asarray(U * sign[:, None] @ Vt)
