"""Draw the open body for the docs: ``python -m assets.open_infant.picture --out FILE.webp``.

Plain clay: rest pose from three sides, its joints, some poses, the first shape directions at ±2.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from backend.multiview.bodies.mesh import pose_body
from backend.multiview.bodies.model_file import JOINT_NAMES, open_body
from worker.synthesis.raster import rasterize
from worker.synthesis.scene import smooth_normals

Array = NDArray[np.float64]

CLAY = np.array([176.0, 190.0, 204.0])
PAPER = (246, 247, 249)
CELL = (300, 330)

Angles = dict[str, tuple[float, float, float]]
POSES: dict[str, Angles] = {
    "standing": {"both_shoulder": (0, -0.2, -1.15), "both_elbow": (0, -0.4, 0)},
    "sitting": {
        "both_hip": (-1.4, 0.8, 0.5),
        "both_knee": (1.2, 0, 0),
        "spine2": (0.25, 0, 0),
        "both_shoulder": (0, -0.8, -0.8),
        "both_elbow": (0, -0.8, 0),
    },
    "on hands and knees": {
        "pelvis": (1.45, 0, 0),
        "both_hip": (-1.5, 0, 0.1),
        "both_knee": (1.5, 0, 0),
        "both_shoulder": (0, -1.45, 0),
        "neck": (-0.5, 0, 0),
        "head": (-0.5, 0, 0),
    },
    "reaching": {
        "both_hip": (-0.5, 0.2, 0.3),
        "both_knee": (0.8, 0, 0),
        "both_collar": (0, 0, 0.25),
        "both_shoulder": (0, -0.5, 0.9),
        "both_elbow": (0, -0.5, 0),
        "head": (-0.2, 0.3, 0),
    },
}


def pose_of(angles: Angles) -> Array:
    """(72,) from named joints; ``both_`` sets the left and mirrors it to the right."""
    out = np.zeros((len(JOINT_NAMES), 3))
    for name, value in angles.items():
        if name.startswith("both_"):
            plain = name.removeprefix("both_")
            out[JOINT_NAMES.index(f"left_{plain}")] = value
            out[JOINT_NAMES.index(f"right_{plain}")] = np.array(value) * [1, -1, -1]
        else:
            out[JOINT_NAMES.index(name)] = value
    return out.ravel()


def draw(vertices: Array, turn: float, half: float = 0.47, shift: float = 0.0) -> Image.Image:
    """A surface (V, 3) from the front, turned by ``turn`` degrees; half a picture is ``half`` m."""
    width, height = (2 * n for n in CELL)
    a, tilt = np.radians(turn), np.radians(8)
    around = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
    down = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    R = down @ around
    faces = open_body().faces
    points = (vertices - [0, shift, 0]) @ R.T
    scale = height / 2 / half
    screen = np.stack(
        [width / 2 + scale * points[:, 0], height / 2 - scale * points[:, 1], 5 - points[:, 2]], 1
    )
    depth = np.full((height, width), np.inf, np.float32)
    ids = np.full((height, width), -1, np.int32)
    bary = np.zeros((height, width, 2), np.float32)
    rasterize(np.ascontiguousarray(screen), faces, 0, 0.01, depth, ids, bary)
    hit = ids >= 0
    corner, weight = faces[ids[hit]], bary[hit].astype(float)
    share = np.column_stack([1 - weight.sum(axis=1), weight])
    normals = np.einsum("pk,pki->pi", share, smooth_normals(vertices, faces)[corner]) @ R.T
    normals /= np.linalg.norm(normals, axis=1, keepdims=True) + 1e-9
    light = np.array([-0.45, 0.6, 0.66])
    image = np.tile(np.array(PAPER, np.uint8), (height, width, 1))
    bright = 0.35 + 0.65 * np.clip(normals @ light, 0, 1)
    image[hit] = np.clip(bright[:, None] * CLAY * 1.1, 0, 255).astype(np.uint8)
    return Image.fromarray(image).resize(CELL, Image.Resampling.LANCZOS)


def marked(vertices: Array) -> Image.Image:
    """The rest body (V, 3) from the front, with its joints: rig orange, COCO blue."""
    picture = draw(vertices, 0)
    pen = ImageDraw.Draw(picture)
    posed = pose_body(open_body())
    tilt, scale = np.radians(8), CELL[1] / 2 / 0.47
    for joints, colour, r in ((posed.joints, (230, 159, 0), 3.0), (posed.coco, (0, 90, 178), 2.2)):
        up = joints[:, 1] * np.cos(tilt) - joints[:, 2] * np.sin(tilt)
        for x, y in zip(CELL[0] / 2 + scale * joints[:, 0], CELL[1] / 2 - scale * up, strict=True):
            pen.ellipse((x - r, y - r, x + r, y + r), colour)
    return picture


def sheet() -> Image.Image:
    """The picture of the docs."""
    body = open_body()
    rest = pose_body(body).vertices
    cells = [(f"rest pose, {turn}°", draw(rest, turn)) for turn in (0, 45, 90)]
    cells.append(("24 joints of the rig, 17 of COCO", marked(rest)))
    for name, angles in POSES.items():
        posed = pose_body(body, None, pose_of(angles)).vertices
        middle = (posed[:, 1].min() + posed[:, 1].max()) / 2
        cells.append((name, draw(posed, 30, 0.42, float(middle))))
    for k in range(4):
        pair = [
            draw(pose_body(body, np.eye(20)[k] * s, pose_of(POSES["standing"])).vertices, 20, 0.6)
            for s in (-2, 2)
        ]
        both = Image.new("RGB", CELL, PAPER)
        middle_x = CELL[0] // 4
        for i, picture in enumerate(pair):
            crop = picture.crop((middle_x, 0, CELL[0] - middle_x, CELL[1]))
            both.paste(crop, (i * CELL[0] // 2, 0))
        cells.append((f"shape direction {k + 1}: -2 and +2", both))
    out = Image.new("RGB", (4 * CELL[0], 3 * (CELL[1] + 26)), PAPER)
    pen = ImageDraw.Draw(out)
    for k, (name, picture) in enumerate(cells):
        x, y = k % 4 * CELL[0], k // 4 * (CELL[1] + 26)
        out.paste(picture, (x, y))
        pen.text((x + CELL[0] / 2, y + CELL[1] + 8), name, (60, 66, 74), anchor="ma", font_size=15)
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Draw the open body.")
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots/open-infant.webp"))
    sheet().save(parser.parse_args().out, quality=82, method=6)


if __name__ == "__main__":
    main()
