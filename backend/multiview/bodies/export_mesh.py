"""Posed bodies as files that other programs open: Wavefront OBJ and binary glTF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

# glTF's up is +y by its specification, the world's is +z.
_Y_UP = np.array([[1.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
_SKIN = (214, 170, 148, 255)


def to_obj(vertices: ArrayLike, faces: NDArray[np.int32], comments: Sequence[str] = ()) -> bytes:
    """OBJ text of a surface.

    vertices: (V, 3) metres, written as they are (the world, z up), in the body model's order.
    faces: (F, 3). comments: lines for the head of the file, such as the body's name and hash.
    """
    v = np.asarray(vertices, float)
    lines = [f"# {' '.join(comment.split())}" for comment in comments]
    lines += ["# metres, z up", "o body"]
    lines += [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in v.tolist()]
    lines += [f"f {a} {b} {c}" for a, b, c in (np.asarray(faces) + 1).tolist()]
    return ("\n".join(lines) + "\n").encode()


def to_glb(
    vertices: ArrayLike, faces: NDArray[np.int32], extras: dict[str, str] | None = None
) -> bytes:
    """Binary glTF of a surface, turned from z up to glTF's y up, with normals.

    vertices: (V, 3) metres, z up. faces: (F, 3). extras: kept in the file with the mesh, such as
    the body's name and hash.
    """
    # It takes seconds to import, and a server that is coming back needs none of it.
    import trimesh

    untyped: Any = trimesh
    mesh = untyped.Trimesh(
        np.asarray(vertices, float),
        np.asarray(faces),
        process=False,
        visual=untyped.visual.TextureVisuals(
            material=untyped.visual.material.PBRMaterial(
                baseColorFactor=_SKIN, metallicFactor=0.0, roughnessFactor=0.8
            )
        ),
        metadata=dict(extras or {}),
    )
    mesh.apply_transform(_Y_UP)
    data: bytes = untyped.Scene({"body": mesh}).export(file_type="glb", include_normals=True)
    return data
