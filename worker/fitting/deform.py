"""Step three: a small deformation of the skin, one per infant and session.

Offsets in the rest pose, shared by all moments, so that what single masks or scans get wrong
averages out: least squares against all correspondences, held by a Laplacian (neighbours move
alike) and by their own size, and never longer than a set limit. Hands and toes keep their form:
a finger is no wider than what masks leave open, and its skin would fray.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, Int32
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, cg

from worker.fitting.evidence import pulls_of
from worker.fitting.surface import SurfaceFit

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

_SIZE_M = 0.01
_STEPS = 60
_MOMENTS = 40
_KEEP_FORM = (10, 11, 20, 21, 22, 23)
"""SMPL's joints that move toes and hands."""


def laplacian(faces: Int32[NDArray[np.int32], "f 3"], count: int) -> sparse.csr_matrix:
    """(V, V): each vertex less the mean of its neighbours."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    edges = np.concatenate([edges, edges[:, ::-1]])
    near = sparse.coo_matrix((np.ones(len(edges)), edges.T), (count, count)).tocsr()
    near.data[:] = 1.0
    degree = np.maximum(np.asarray(near.sum(1)).reshape(-1), 1.0)
    return sparse.identity(count, format="csr") - sparse.diags(1 / degree) @ near


def yielding(weights: Float[NDArray[np.floating], "v 24"]) -> Float[Array, " v"]:
    """(V,) how much of an offset each vertex takes: none on hands and toes, all elsewhere, smooth
    in between. weights: (V, 24) of the skin."""
    stiff = np.clip(np.asarray(weights, float)[:, list(_KEEP_FORM)].sum(1), 0.0, 1.0)
    return np.asarray(1.0 - stiff * stiff * (3.0 - 2.0 * stiff))


def deform(fit: SurfaceFit, rows: Int[Ints, " n"]) -> Float[Array, "v 3"]:
    """Offsets (V, 3) metres at scale 1 for the skin of a fit; none longer than the limit."""
    config = fit.config
    count = len(fit.body.v_template)
    A, b = np.zeros((count, 3, 3)), np.zeros((count, 3))
    skin = fit.skin()
    some = rows[:: max(1, len(rows) // _MOMENTS)]
    rho = config.scan_rho_m[-1]
    for t in some:
        vertices = skin.vertices(fit.pose[t], fit.translation[t], fit.scale)
        pulls = pulls_of(
            fit.masks.views(int(t)), fit.scans[t], vertices, fit.chosen, config, rho,
            placed=fit.placed,
        )  # fmt: skip
        turn = fit.scale * skin.blended(fit.pose[t])[pulls.vertex]
        back = turn.transpose(0, 2, 1)
        np.add.at(A, pulls.vertex, back @ pulls.A @ turn)
        np.add.at(b, pulls.vertex, -np.einsum("nij,nj->ni", back, pulls.g))
    L = laplacian(fit.body.faces, count)
    stiff = 17.0 * len(some) / count / _SIZE_M**2
    LtL = (L.T @ L) * (config.offset_smoothness * stiff)
    own = config.offset_weight * stiff + 1e-9

    def apply(flat: Array) -> Array:
        o = flat.reshape(count, 3)
        return np.asarray(np.einsum("nij,nj->ni", A, o) + own * o + LtL @ o).reshape(-1)

    system = LinearOperator((3 * count, 3 * count), matvec=apply, dtype=np.float64)
    solved, _ = cg(system, b.reshape(-1), rtol=1e-3, maxiter=_STEPS)
    offsets = solved.reshape(count, 3) + (0.0 if fit.offsets is None else fit.offsets)
    offsets *= yielding(np.asarray(fit.body.weights, float))[:, None]
    length = np.linalg.norm(offsets, axis=1, keepdims=True)
    return np.asarray(offsets * np.minimum(1.0, config.offset_limit_m / np.maximum(length, 1e-12)))
