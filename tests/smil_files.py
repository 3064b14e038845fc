"""Pickles in the shape of SMIL's, of random content: the real ones are licensed.

The classes that such pickles name (chumpy's, scipy's, a script's own) are written as bare
references, so that neither needs to be installed.
"""

from __future__ import annotations

import io
import pickle
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from backend.multiview.bodies.model_file import PARENTS

VERTICES, FACES, BETAS = 6890, 13776, 20


@contextmanager
def named(module: str, *classes: str) -> Iterator[types.ModuleType]:
    """A module with empty classes, importable while pickles are written."""
    made = types.ModuleType(module)
    for name in classes:
        setattr(made, name, type(name, (), {"__module__": module}))
    names = [".".join(module.split(".")[: k + 1]) for k in range(module.count(".") + 1)]
    added = [name for name in names if name not in sys.modules]
    for name in added:
        sys.modules[name] = made if name == module else types.ModuleType(name)
    try:
        yield made
    finally:
        for name in added:
            del sys.modules[name]


def geometry(seed: int = 1) -> dict[str, Any]:
    """A random body of SMPL's sizes: an upright cloud of vertices, joints that hang together."""
    rng = np.random.default_rng(seed)
    template = rng.uniform((-0.2, -0.35, -0.06), (0.2, 0.184, 0.06), (VERTICES, 3))
    template[:2, 1] = (-0.35, 0.184)
    weights = np.zeros((VERTICES, 24))
    chosen = rng.integers(0, 24, (VERTICES, 3))
    np.put_along_axis(weights, chosen, rng.uniform(0.1, 1, (VERTICES, 3)), axis=1)
    regressor = np.zeros((24, VERTICES))
    for row in regressor:
        row[rng.choice(VERTICES, 8, replace=False)] = rng.dirichlet(np.ones(8))
    # Most are zero: a file of 17 MB of noise takes seconds to compress.
    correctives = np.zeros((VERTICES, 3, 207), np.float32)
    correctives[::50] = rng.normal(0, 0.001, correctives[::50].shape)
    tree = np.array([[2**32 - 1, *PARENTS[1:]], range(24)], np.uint32)
    return {
        "v_template": template,
        "shapedirs": rng.normal(0, 0.005, (VERTICES, 3, BETAS)),
        "posedirs": correctives,
        "f": rng.integers(0, VERTICES, (FACES, 3)).astype(np.uint32),
        "weights": weights / weights.sum(axis=1, keepdims=True),
        "J_regressor": sparse.csc_matrix(regressor),
        "kintree_table": tree,
        "bs_type": "lrotmin",
    }


def write_model(path: Path, arrays: dict[str, Any], *, chumpy: bool = True) -> Path:
    """Pickle a model; with chumpy, shapedirs and posedirs are chumpy objects as in SMPL's files."""
    with named("chumpy.ch", "Ch") as ch, named("chumpy.reordering", "Select", "transpose") as re:
        found = dict(arrays)
        if chumpy:
            inner = _with(ch.Ch(), x=np.array(found["posedirs"]))
            found["posedirs"] = inner
            whole = np.array(found["shapedirs"])
            found["shapedirs"] = _with(
                re.Select(),
                a=_with(ch.Ch(), x=whole),
                idxs=np.arange(whole.size),
                preferred_shape=whole.shape,
            )
            found["J"] = _with(re.transpose(), a=_with(ch.Ch(), x=np.zeros((3, 24))))
        path.write_bytes(pickle.dumps(found, protocol=2))
    return path


def write_prior(
    path: Path, mean: NDArray[Any], prec: NDArray[Any], prefix: Any = 3, module: str = "fit.priors"
) -> Path:
    """Pickle a ``Mahalanobis(mean, prec, prefix)``."""
    with named(module, "Mahalanobis") as made:
        prior = _with(made.Mahalanobis(), mean=mean, prec=prec, prefix=prefix)
        path.write_bytes(pickle.dumps(prior, protocol=2))
    return path


def _with(thing: Any, **fields: Any) -> Any:
    thing.__dict__.update(fields)
    return thing


def program(*parts: bytes) -> bytes:
    """A pickle of raw opcodes."""
    out = io.BytesIO()
    for part in parts:
        out.write(part)
    return out.getvalue()
