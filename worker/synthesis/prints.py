"""Printed boards before cameras: the PDF's own boxes, seen through a lens."""

from __future__ import annotations

import re
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.cameras import Camera
from worker.calibration.board_print import Sheet, pdf_of

Array = NDArray[np.float64]
PIXELS_PER_MM = 3.0
_BOX = re.compile(rb"^([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re$")


def page_picture(sheet: Sheet) -> NDArray[np.uint8]:
    """The page as its PDF draws it: white paper, boxes in grey values, no text."""
    data = pdf_of([sheet])
    media = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert media is not None
    scale = PIXELS_PER_MM * 25.4 / 72
    width, height = (int(np.ceil(float(v) * scale)) for v in media.groups())
    bottom = float(media[2]) * scale
    page = np.full((height, width), 255.0)
    columns, rows = np.arange(width), np.arange(height)
    grey = 255
    for line in data.split(b"\n"):
        if line in (b"0 g", b"1 g"):
            grey = 255 * int(line[:1])
        box = _BOX.match(line)
        if box:
            x, y, w, h = (float(v) * scale for v in box.groups())
            top = bottom - y - h
            across = np.clip(np.minimum(columns + 1, x + w) - np.maximum(columns, x), 0, 1)
            down = np.clip(np.minimum(rows + 1, top + h) - np.maximum(rows, top), 0, 1)
            i, j = np.flatnonzero(down), np.flatnonzero(across)
            part = np.ix_(i, j)
            share = np.outer(down[i], across[j])
            page[part] += share * (grey - page[part])
    return np.asarray(np.round(page), np.uint8)


@lru_cache(maxsize=2)
def _rays(width: int, height: int, K: tuple[float, ...], bent: tuple[float, ...]) -> Array:
    """Through a lens, four rays for each pixel."""
    x, y = np.meshgrid(np.arange(2 * width) + 0.5, np.arange(2 * height) + 0.5)
    pixels = np.stack((x, y), axis=-1).reshape(-1, 1, 2) / 2 - 0.5
    xy = cv2.undistortPoints(pixels, np.reshape(K, (3, 3)), np.array(bent)).reshape(*x.shape, 2)
    return np.concatenate((xy, np.ones((*xy.shape[:-1], 1))), axis=-1)


def seen_by(
    camera: Camera, sheet: Sheet, T_camera_board: Array, *, scale: float = 1.0, seed: int = 0
) -> NDArray[np.uint8]:
    """The page held before a camera (its board's points at ``T_camera_board``), blurred and noisy.

    ``scale`` enlarges the print.
    """
    page = cv2.GaussianBlur(page_picture(sheet), (0, 0), 0.7)
    rays = _rays(camera.width, camera.height, *(tuple(v.reshape(-1)) for v in
                 (camera.to_opencv(), camera.distortion)))  # fmt: skip
    R, t = T_camera_board[:3, :3], T_camera_board[:3, 3]
    depth = (R[:, 2] @ t) / (rays @ R[:, 2])
    on_board = (rays * depth[..., None] - t) @ R * 1000 / scale
    at = (on_board[..., :2] + np.asarray(sheet.origin)) * PIXELS_PER_MM - 0.5
    image = cv2.remap(
        page, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=128,
    )  # fmt: skip
    small = cv2.resize(image, (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    noisy = cv2.GaussianBlur(small, (0, 0), 0.5).astype(float) * 0.8 + 20
    noisy += np.random.default_rng(seed).normal(0, 2, noisy.shape)
    return np.asarray(np.clip(noisy, 0, 255), np.uint8)
