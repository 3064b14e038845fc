"""Sets of COCO files with pictures, for tests of leaks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def picture(
    path: Path, scene: int, *, quality: int = 95, size: tuple[int, int] = (320, 240)
) -> None:
    """A picture of a scene; the same scene looks the same whatever its size and quality."""
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(scene).integers(20, 235, (9, 12, 3), dtype=np.uint8)
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(path, quality=quality)


def image(number: int, file_name: str, **members: Any) -> dict[str, Any]:
    return {"id": number, "file_name": file_name, "width": 320, "height": 240, **members}


def annotation(number: int, image_id: int, **members: Any) -> dict[str, Any]:
    box = [10, 10, 100, 100]
    return {"id": number, "image_id": image_id, "category_id": 1, "bbox": box, **members}


def write_coco(
    path: Path,
    images: Sequence[dict[str, Any]],
    annotations: Sequence[dict[str, Any]] = (),
    **members: Any,
) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    categories = [{"id": 1, "name": "infant"}]
    content = {"images": images, "annotations": annotations, "categories": categories, **members}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def write_video_set(
    folder: Path,
    videos: dict[str, dict[str, int]],
    *,
    infants: dict[str, str] | None = None,
    pictures: bool = True,
) -> Path:
    """A set as COCO keeps it: annotations/SPLIT.json, images/video_000123.jpg.

    Args:
        folder: Where.
        videos: By split, number of frames by video.
        infants: Who is in each video, written as ``subject_id``.
        pictures: Whether to write pictures, each of a scene of its own.
    """
    scene = 0
    first = 0
    for split, counts in videos.items():
        images = []
        for video, count in counts.items():
            for _ in range(count):
                scene += 1
                name = f"{video}_{scene:06d}.jpg"
                told = {"subject_id": infants[video]} if infants else {}
                images.append(image(1000 + scene, name, **told))
                if pictures:
                    picture(folder / "images" / name, scene)
        people = [annotation(i + 1, entry["id"]) for i, entry in enumerate(images, start=first)]
        first += len(people)
        write_coco(folder / "annotations" / f"{split}.json", images, people)
    return folder


def check(report: dict[str, Any], kind: str) -> dict[str, Any]:
    """What ``check-splits --json`` found by one kind of check."""
    (found,) = [c for c in report["checks"] if c["check"] == kind]
    return dict(found)
