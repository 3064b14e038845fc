"""Draws a session by its seed and renders it: pictures, and all that is true in them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from assets.demo import carer
from benchmarks.hour import people
from worker.synthesis import props
from worker.synthesis.camera import Camera, develop
from worker.synthesis.lights import Lights
from worker.synthesis.looks import shaken
from worker.synthesis.open_infants import random_infant
from worker.synthesis.outfit import Style, dress
from worker.synthesis.scene import Actor, Mesh, Renderer
from worker.synthesis.textures import plain
from worker.synthesis.truth import label

FPS = 30
SIZE = (480, 270)
KINDS = {"four": (4, 600), "one": (1, 1800)}
OK, BLUR, DARK = 0, 1, 2


def _cameras(kind: str, rng: np.random.Generator) -> list[Camera]:
    if kind == "one":
        azimuths, focals = [rng.uniform(-1.9, -1.2)], [600.0]
    else:
        azimuths, focals = [-0.92, 0.72, 2.30, -2.46], [470.0, 474.0, 467.0, 478.0]
    out = []
    for k, (azimuth, focal) in enumerate(zip(azimuths, focals, strict=True)):
        azimuth += rng.normal(0, 0.1)
        radius, height = rng.uniform(1.6, 1.8), rng.uniform(0.95, 1.2)
        eye = (radius * np.cos(azimuth), radius * np.sin(azimuth), height)
        target = (0.02, 0.02, 0.12)
        out.append(Camera.looking_at(f"camera_{k + 1}", SIZE, focal, eye, target))
    return out


def _cushions(rng: np.random.Generator, cameras: list[Camera]) -> list[Mesh]:
    """Soft blocks on the floor, each between a camera and a place where the infant comes by."""
    out = []
    for camera in cameras[:2]:
        towards = camera.centre[:2] / np.linalg.norm(camera.centre[:2])
        across = np.array([-towards[1], towards[0]])
        spot = 0.42 * towards + rng.uniform(-0.25, 0.25) * across
        size = (0.10, rng.uniform(0.18, 0.30), rng.uniform(0.14, 0.22))
        colour = tuple(int(c) for c in rng.integers(60, 230, 3))
        yaw = float(np.arctan2(towards[1], towards[0]))
        out.append(
            props.rounded_box(size, (*spot, 0.0), plain(colour), yaw, 0.03)  # type: ignore[arg-type]
        )
    return out


def _style(rng: np.random.Generator) -> Style:
    def colour(low: int, high: int) -> tuple[int, int, int]:
        r, g, b = (int(c) for c in rng.integers(low, high, 3))
        return r, g, b

    skins = [(236, 190, 164), (206, 152, 120), (160, 108, 80), (110, 72, 54)]
    return Style(
        skin=skins[int(rng.integers(len(skins)))],
        top=colour(90, 250),
        stripe=colour(60, 250) if rng.random() < 0.5 else None,
        bottom=colour(60, 200) if rng.random() < 0.5 else None,
        trim=colour(60, 230),
        hair=(70, 48, 36),
        sleeve=float(rng.choice([0.0, 1.1])),
        leg=float(rng.choice([0.0, 1.1])),
    )


def _conditions(kind: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    cameras, moments = KINDS[kind]
    out = np.full((cameras, moments), OK, np.uint8)
    for _ in range(max(1, moments // 600)):
        begin = int(rng.integers(0, moments - 40))
        out[:, begin : begin + int(rng.integers(20, 36))] = DARK
        for camera in range(cameras):
            begin = int(rng.integers(0, moments - 20))
            out[camera, begin : begin + int(rng.integers(7, 14))] = BLUR
    return out


def _photograph(
    linear: NDArray[np.float32], condition: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    if condition == BLUR:
        linear = shaken(linear, rng.uniform(7, 14), rng.uniform(0, np.pi))
    else:
        linear = np.asarray(cv2.GaussianBlur(linear, (0, 0), 0.5), np.float32)
    if condition == DARK:
        return develop(linear, 0.06, 3.0, rng)
    return develop(linear, 1.0, 1.5, rng)


def render(kind: str, seed: int, folder: Path) -> None:
    """Write ``camera_1/00000.jpg`` … and ``truth.npz`` (fields as in ``sessions.Session``)."""
    cv2.setNumThreads(1)
    started = time.monotonic()
    rng = np.random.default_rng([seed, *kind.encode()])
    cameras, (count, moments) = _cameras(kind, rng), KINDS[kind]
    stature = float(rng.uniform(0.66, 0.82))
    baby = dress(random_infant(rng, stature).body, _style(rng), seed, 512)
    poses, activity = people.infant(baby, rng, moments, FPS)
    grown = carer(seed)
    visits = [5.5] if kind == "four" else [9.0, 31.0, 47.0]
    spots = np.stack([p.at for p in poses])
    visitor = people.adult(grown, rng, spots, cameras[0].centre, FPS, visits)
    condition = _conditions(kind, rng)
    lights = Lights.indoor(rng.uniform(-np.pi, np.pi), rng.uniform(0.6, 1.1), count=(5, 9))
    room = [*(props.play_room() if kind == "four" else props.living_room())]
    renderer = Renderer([*room, *_cushions(rng, cameras)], lights, supersample=1)
    truth = _empty_truth(count, moments)
    for camera in cameras:
        (folder / camera.name).mkdir()
    for t, (pose, other) in enumerate(zip(poses, visitor, strict=True)):
        actor, truth["joints3d"][t] = baby.actor(pose.transforms(baby.body))
        actors: list[Actor] = [actor]
        if other is not None:
            actor, truth["adult3d"][t] = grown.actor(other.transforms(grown.body))
            actors.append(actor)
        cast = renderer.stage(actors)
        for c, camera in enumerate(cameras):
            rendering = renderer.render(camera, cast)
            for who, prefix in enumerate(("", "adult")[: len(actors)]):
                joints = truth[f"{prefix or 'joints'}3d"][t]
                height = stature if who == 0 else grown.body.stature
                found = label(rendering, camera, who, joints, height)
                truth[f"{prefix or 'joints'}2d"][c, t] = found.joints
                truth[f"{prefix}_visibility".lstrip("_")][c, t] = found.visibility
                truth[f"{prefix}_area".lstrip("_")][c, t] = float(found.mask.sum())
            image = _photograph(rendering.linear, int(condition[c, t]), rng)
            path = folder / camera.name / f"{t:05d}.jpg"
            cv2.imwrite(str(path), image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, 90])
        if t % 100 == 99:
            print(f"  {kind} {seed}: moment {t + 1} of {moments}, "
                  f"{time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
    np.savez_compressed(
        folder / "truth.npz",
        K=np.stack([c.K for c in cameras]),
        T_camera_world=np.stack([c.T_camera_world for c in cameras]),
        condition=condition,
        activity=np.array(activity),
        **truth,
    )


def _empty_truth(count: int, moments: int) -> dict[str, Any]:
    return {
        "joints3d": np.full((moments, 17, 3), np.nan),
        "adult3d": np.full((moments, 17, 3), np.nan),
        "joints2d": np.full((count, moments, 17, 2), np.nan),
        "adult2d": np.full((count, moments, 17, 2), np.nan),
        "visibility": np.zeros((count, moments, 17), np.uint8),
        "adult_visibility": np.zeros((count, moments, 17), np.uint8),
        "area": np.zeros((count, moments)),
        "adult_area": np.zeros((count, moments)),
    }
