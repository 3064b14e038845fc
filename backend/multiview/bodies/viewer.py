"""The body model as the browser's viewer reads it: shaped, without shape or pose spaces.

Layout, little-endian: the eight bytes ``INFBODY1``, a uint32 with the length of a JSON header, the
header, then the data. The header names the sections with offset from the start of the data, type
(``f4``, ``u4``, ``u1``) and shape; the data and every section start at a multiple of four bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput
from backend.multiview.bodies.mesh import shaped_vertices
from backend.multiview.bodies.model_file import JOINTS, PARENTS, BodyModel

MAGIC = b"INFBODY1"
MAX_BETA = 10.0


def parse_betas(text: str | None, body: BodyModel) -> list[float]:
    """Betas from a comma-separated list; those not given are zero.

    Raises:
        InvalidInput: not numbers, too many, or absurdly large.
    """
    if not text:
        return []
    try:
        betas = [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidInput(f"betas: {text[:80]!r} is not a list of numbers.") from error
    if len(betas) > body.betas:
        raise InvalidInput(f"betas: {body.name} has {body.betas}, not {len(betas)}.")
    if not all(abs(b) <= MAX_BETA for b in betas):
        raise InvalidInput(f"betas: they must lie within ±{MAX_BETA:g} standard deviations.")
    return betas


def pack(
    body: BodyModel, betas: Sequence[float] = (), offsets: NDArray[np.float64] | None = None
) -> bytes:
    """The viewer's file of a body with these betas; offsets: (V, 3), its joints stay."""
    shaped = shaped_vertices(body, betas)
    rest = shaped if offsets is None else shaped + offsets
    # The renderer takes four bones a vertex; the models here have no more.
    index = np.argsort(-body.weights, axis=1, kind="stable")[:, :4]
    weight = np.take_along_axis(body.weights, index, axis=1)
    weight = weight / weight.sum(axis=1, keepdims=True)
    arrays = {
        "rest": rest.astype("<f4"),
        "faces": body.faces.astype("<u4"),
        "skin_index": index.astype("u1"),
        "skin_weight": weight.astype("<f4"),
        "rest_joints": (body.J_regressor.astype(float) @ shaped).astype("<f4"),
    }
    sections, data = {}, b""
    for name, array in arrays.items():
        sections[name] = {
            "offset": len(data),
            "type": array.dtype.kind + str(array.dtype.itemsize),
            "shape": list(array.shape),
        }
        data += array.tobytes()
        data += bytes(-len(data) % 4)
    header = json.dumps(
        {
            "name": body.name,
            "sha256": body.sha256,
            "vertices": len(rest),
            "faces": len(body.faces),
            "joints": JOINTS,
            "parents": list(PARENTS),
            "sections": sections,
        }
    ).encode()
    header += b" " * (-(len(MAGIC) + 4 + len(header)) % 4)
    return MAGIC + struct.pack("<I", len(header)) + header + data
