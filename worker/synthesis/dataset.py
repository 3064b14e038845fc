"""A folder of rendered infants: ``images/*.jpg`` and a COCO file, ``annotations.json``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.errors import Conflict, InvalidInput
from backend.domain.keypoints import Joint, Skeleton, Visibility
from backend.domain.pixels import PixelRule
from backend.multiview.bodies.model_file import open_body
from backend.publishing.formats.coco_writer import write
from backend.publishing.formats.writing import WriteOptions
from backend.publishing.labelled import LabelledFrame, LabelledImage, LabelledMask
from worker.synthesis.aims import AimsPeople
from worker.synthesis.fitted import FittedPeople
from worker.synthesis.looks import HOME, look_named
from worker.synthesis.shots import SCENE, People, RandomPeople, Shot, Studio, draw_scene

ANNOTATIONS, IMAGES = "annotations.json", "images"
MAX_COUNT = 1_000_000
SIDES = (64, 4096)
POSTURE_SETS = ("floor", "aims")
LICENCE = {"id": 1, "name": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"}

Progress = Callable[[int], None]
"""Told how many pictures are done."""


@dataclass(frozen=True)
class Order:
    """What to render.

    count: pictures. seed: not negative; picture i of a seed is the same whatever the count.
    size: (width, height) px. fits: a file of body fits that gives poses, or None for random ones.
    look: one of LOOKS. postures: "floor" for the ordinary ones, "aims" for the twelve in turn.

    Raises:
        InvalidInput: a number is out of range.
    """

    count: int
    seed: int
    size: tuple[int, int] = (640, 480)
    fits: Path | None = None
    look: str = HOME.name
    postures: str = "floor"

    def __post_init__(self) -> None:
        if not 1 <= self.count <= MAX_COUNT:
            raise InvalidInput(f"The count must be 1 to {MAX_COUNT:,}, not {self.count}.")
        if not 0 <= self.seed < 2**32:
            raise InvalidInput(f"The seed must be 0 to {2**32 - 1}, not {self.seed}.")
        if not all(SIDES[0] <= side <= SIDES[1] for side in self.size):
            width, height = self.size
            raise InvalidInput(
                f"The size must be {SIDES[0]} to {SIDES[1]} px a side, not {width}x{height}."
            )
        look_named(self.look)
        if self.postures not in POSTURE_SETS:
            raise InvalidInput(
                f"There are no postures {self.postures!r}; there are {', '.join(POSTURE_SETS)}."
            )
        if self.fits is not None and self.postures != POSTURE_SETS[0]:
            raise InvalidInput("Poses come from body fits or from named postures, not from both.")


def synthesise(order: Order, out: Path, workers: int = 1, progress: Progress | None = None) -> int:
    """Render into a new folder; it appears when all is done. Returns the number of pictures.

    Args:
        order: What to render.
        out: The folder: new, or empty.
        workers: Processes.
        progress: Told of each finished scene.

    Raises:
        InvalidInput: the file of fits cannot be used.
        Conflict: something lies at ``out``, or its parent cannot be written to.
    """
    check_free(out)
    people_of(order)
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        (draft / IMAGES).mkdir(parents=True)
    except OSError as error:
        raise Conflict(f"{out} cannot be written: {error.strerror}.") from error
    try:
        _write(order, draft, workers, progress or (lambda done: None))
        if out.exists():
            out.rmdir()
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return order.count


def check_free(out: Path) -> None:
    """Refuse a place where something lies.

    Raises:
        Conflict: it is a file, or a folder that is not empty.
    """
    if out.is_dir():
        if any(out.iterdir()):
            raise Conflict(f"{out} is not empty; name a new folder.")
    elif out.exists() or out.is_symlink():
        raise Conflict(f"{out} is a file; name a new folder.")


def people_of(order: Order) -> People:
    """Where an order's infants come from."""
    if order.postures == "aims":
        return AimsPeople()
    return RandomPeople() if order.fits is None else FittedPeople(order.fits)


def shots(order: Order, number: int) -> Iterator[tuple[int, Shot]]:
    """The pictures of one scene, with their numbers."""
    people = people_of(order)
    texels = 256 if max(order.size) <= 400 else 384
    look = look_named(order.look)
    scene = draw_scene(order.seed, number, people, texels, look)
    studio = Studio(scene, order.seed, people, order.size, look)
    for index in range(number * SCENE, min((number + 1) * SCENE, order.count)):
        yield index, studio.shot(index)


def _write(order: Order, draft: Path, workers: int, progress: Progress) -> None:
    options = WriteOptions(
        title="Rendered infants",
        version="1",
        contributor="infantnet synthesise",
        licences=[LICENCE],
        about={
            "rendered": True,
            "seed": order.seed,
            "body": {"name": open_body().name, "sha256": open_body().sha256},
        },
        # As their cameras, which stand beside them.
        pixels=PixelRule.CONTINUOUS,
        scratch=draft,
    )
    with (draft / ANNOTATIONS).open("wb") as file:
        write(_frames(order, draft / IMAGES, workers, progress), file, options)


def _frames(
    order: Order, images: Path, workers: int, progress: Progress
) -> Iterator[LabelledFrame]:
    numbers = range(-(-order.count // SCENE))
    done = 0
    if workers <= 1 or len(numbers) == 1:
        for number in numbers:
            yield from (found := _scene(order, images, number))
            progress(done := done + len(found))
        return
    processes = min(workers, len(numbers))
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            for found in pool.map(_scene, repeat(order), repeat(images), numbers):
                yield from found
                progress(done := done + len(found))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _scene(order: Order, images: Path, number: int) -> list[LabelledFrame]:
    cv2.setNumThreads(1)
    quality = look_named(order.look).quality
    return [_save(images, index, shot, quality) for index, shot in shots(order, number)]


def _save(images: Path, index: int, shot: Shot, qualities: tuple[int, int]) -> LabelledFrame:
    name = f"{index:06d}.jpg"
    quality = int(np.random.default_rng(index).integers(*qualities))
    # OpenCV wants BGR, and would only answer false where the disk is full.
    encoded, jpeg = cv2.imencode(
        ".jpg", shot.image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    if not encoded:
        raise RuntimeError(f"{name}: the picture could not be encoded")
    (images / name).write_bytes(jpeg.tobytes())
    camera = shot.camera
    image = LabelledImage(
        index + 1,
        f"{IMAGES}/{name}",
        camera.width,
        camera.height,
        licence=1,
        facts={
            "rendered": True,
            "camera": {
                "K": _numbers(camera.K),
                "distortion": [],
                "T_camera_world": _numbers(camera.T_camera_world),
            },
        },
    )
    return _labelled(image, shot)


def _labelled(image: LabelledImage, shot: Shot) -> LabelledFrame:
    labels = shot.labels
    joints = tuple(
        Joint(float(x), float(y), Visibility(int(v))) if v else Joint(0, 0, Visibility.ABSENT)
        for (x, y), v in zip(labels.joints, labels.visibility, strict=True)
    )
    x0, y0, x1, y1 = (float(v) for v in labels.box)
    rle = masks.encode(labels.mask.astype(bool))
    in_camera = shot.joints_world @ shot.camera.T_camera_world[:3, :3].T
    body = shot.body
    return LabelledFrame(
        image=image,
        joints=Skeleton(joints),
        box=Box(x0, y0, x1 - x0, y1 - y0),
        mask=LabelledMask(rle, int(labels.mask.sum())),
        provenance={
            "posture": shot.posture,
            "stature_m": round(shot.stature, 4),
            "joints_3d_world": _numbers(shot.joints_world),
            "joints_3d_camera": _numbers(in_camera + shot.camera.T_camera_world[:3, 3]),
            "body": {
                "betas": _numbers(body.betas),
                "pose": _numbers(body.pose),
                "scale": round(body.scale, 6),
                "translation": _numbers(body.translation),
            },
        },
    )


def _numbers(values: NDArray[np.floating]) -> list[Any]:
    rounded: list[Any] = np.round(values, 6).tolist()
    return rounded
