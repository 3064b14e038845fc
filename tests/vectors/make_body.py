"""Writes ``tests/vectors/body.json``: a small body, posed and seen by cameras, by the Python side.

``python -m tests.vectors.make_body``. Vitest holds the browser's skinning and projection to it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.cameras import Camera, Lens
from backend.multiview.bodies.mesh import pose_body, rest_joints, shaped_vertices
from backend.multiview.bodies.model_file import BodyModel, open_body

PATH = Path(__file__).parent / "body.json"
VERTICES = 48
FACES = 24


def small_body() -> BodyModel:
    """Some vertices of the open body that hold its joints, four weights each, no shape."""
    body = open_body()
    chosen = np.linspace(0, len(body.v_template) - 1, VERTICES).astype(int)
    rest = body.v_template[chosen].astype(np.float32)
    weights = body.weights[chosen].astype(float)
    smallest = np.argsort(weights, axis=1)[:, :-4]
    np.put_along_axis(weights, smallest, 0, axis=1)
    weights = (weights / weights.sum(1, keepdims=True)).astype(np.float32)
    known = np.vstack([rest.T, np.ones(VERTICES)])
    wanted = np.hstack([rest_joints(body), np.ones((24, 1))])
    rng = np.random.default_rng(3)
    return replace(
        body,
        v_template=rest,
        shapedirs=np.zeros((VERTICES, 3, 20), np.float32),
        posedirs=None,
        faces=rng.integers(0, VERTICES, (FACES, 3)).astype(np.int32),
        weights=weights,
        J_regressor=(wanted @ np.linalg.pinv(known).T).astype(np.float32),
        coco_regressor=np.zeros((17, VERTICES), np.float32),
    )


def cameras() -> list[Camera]:
    """One of each lens, looking at the body from 1 to 2 m."""
    T = np.eye(4)
    T[:3, :3] = [[0.8, 0.6, 0], [0.36, -0.48, -0.8], [-0.48, 0.64, -0.6]]
    T[:3, 3] = [0.05, -0.1, 1.4]
    K = np.array([[900.0, 0, 322], [0, 910, 238], [0, 0, 1]])
    five, eight, four = (
        [-0.21, 0.08, 0.001, -0.002, -0.01],
        [0.3, -0.1, 0.001, 0.002, 0.02, 0.4, -0.05, 0.01],
        [0.05, -0.02, 0.004, -0.001],
    )
    return [
        Camera("ideal", 640, 480, K, np.zeros(0), Lens.PINHOLE, T),
        Camera("five", 640, 480, K, np.array(five), Lens.PINHOLE, T),
        Camera("eight", 640, 480, K, np.array(eight), Lens.PINHOLE, T),
        Camera("fisheye", 640, 480, K, np.array(four), Lens.FISHEYE, T),
    ]


def vectors() -> dict[str, Any]:
    """What stands in the file."""
    body = small_body()
    rng = np.random.default_rng(5)
    order = np.argsort(-body.weights, axis=1)[:, :4]
    poses: list[dict[str, Any]] = [
        {"pose": np.zeros(72), "scale": 1.0, "translation": np.zeros(3)},
        {"pose": rng.normal(0, 0.5, 72), "scale": 1.1, "translation": [0.1, -0.2, 0.15]},
        {"pose": rng.normal(0, 1.2, 72), "scale": 0.9, "translation": [-0.05, 0.1, 0.2]},
    ]
    cases = []
    for placement in poses:
        posed = pose_body(body, None, **placement)
        cases.append(
            {
                **{key: np.asarray(value).tolist() for key, value in placement.items()},
                "vertices": posed.vertices.round(7).ravel().tolist(),
                "joints": posed.joints.round(7).ravel().tolist(),
                "pixels": {c.name: c.project(posed.vertices).round(4).tolist() for c in cameras()},
            }
        )
    return {
        "parents": body.parents.tolist(),
        "rest": [round(float(v), 8) for v in shaped_vertices(body).ravel()],
        "faces": body.faces.ravel().tolist(),
        "skin_index": order.ravel().tolist(),
        "skin_weight": [
            round(float(w), 8) for w in np.take_along_axis(body.weights, order, 1).ravel()
        ],
        "rest_joints": [round(float(v), 8) for v in rest_joints(body).ravel()],
        "cameras": [c.to_dict() for c in cameras()],
        "cases": cases,
    }


def main() -> None:
    """Write the file anew."""
    PATH.write_text(json.dumps(vectors()) + "\n", encoding="utf-8")
    print(f"{PATH}: {PATH.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
