"""Small COCO sets with everything that decides about AP, for pycocotools and as columns."""

from __future__ import annotations

import contextlib
import copy
import io
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain.evaluation.average_precision import SUMMARY
from backend.domain.evaluation.samples import Predictions, Truths

AREAS = (90.0, 32.0**2, 5000.0, 96.0**2, 30_000.0, 1e10 + 1)
"""Below, on and between the borders of COCO's ranges, and beyond the last."""

SCORES = (0.1, 0.5, 0.5, 0.9)
"""Few, so that there are ties."""

Records = list[dict[str, Any]]


def make_set(
    seed: int, images: int, categories: int, most_people: int, most_predicted: int, boxes: bool
) -> tuple[dict[str, Any], Records]:
    """A ground truth and results: crowds, people without joints, ties, images without anybody."""
    rng = np.random.default_rng(seed)
    ids = rng.choice(np.arange(1, 10 * images), images, replace=False).tolist()
    people: Records = []
    results: Records = []
    for image in ids:
        here = []
        for _ in range(rng.integers(0, most_people + 1)):
            here.append(_person(rng, image, int(rng.integers(1, categories + 1)), len(people) + 1))
            people.append(here[-1])
        for _ in range(rng.integers(0, most_predicted + 1)):
            results.append(_predicted(rng, image, categories, here, boxes))
    rng.shuffle(people)
    rng.shuffle(results)
    truth = {
        "images": [{"id": image, "file_name": f"{image}.jpg"} for image in ids],
        "annotations": people,
        "categories": [{"id": i + 1, "name": f"kind {i}"} for i in range(categories)],
    }
    return truth, results


def _person(rng: np.random.Generator, image: int, category: int, number: int) -> dict[str, Any]:
    places = rng.integers(0, 12, (17, 2)) * 25
    share = rng.choice([0.0, 0.3, 1.0])
    visibility = np.where(rng.random(17) < share, rng.integers(1, 3, 17), 0)
    places[visibility == 0] = 0
    count = int((visibility > 0).sum())
    return {
        "id": number,
        "image_id": image,
        "category_id": category,
        "keypoints": np.column_stack([places, visibility]).ravel().tolist(),
        # A person with labelled joints may be told to have none, and is then ignored.
        "num_keypoints": 0 if rng.random() < 0.1 else count,
        "area": float(rng.choice(AREAS)),
        "bbox": [*rng.integers(0, 200, 2).tolist(), *rng.integers(1, 120, 2).tolist()],
        "iscrowd": int(rng.random() < 0.2),
    }


def _predicted(
    rng: np.random.Generator, image: int, categories: int, people: Records, boxes: bool
) -> dict[str, Any]:
    places = rng.integers(0, 12, (17, 2)) * 25.0
    category = int(rng.integers(1, categories + 1))
    if people and rng.random() < 0.8:
        person = people[rng.integers(len(people))]
        places = np.array(person["keypoints"], float).reshape(17, 3)[:, :2]
        places = places + rng.integers(-1, 2, (17, 2)) * rng.choice([0.0, 1.0, 4.0, 15.0])
        category = person["category_id"] if rng.random() < 0.9 else category
    found = {
        "image_id": image,
        "category_id": category,
        "keypoints": np.column_stack([places, np.ones(17)]).ravel().tolist(),
        "score": float(rng.choice(SCORES)),
    }
    if boxes:
        found["bbox"] = [0.0, 0.0, float(rng.choice([5, 40, 100, 300])), 30.0]
    return found


def by_pycocotools(truth: dict[str, Any], results: Records) -> COCOeval:
    """What pycocotools says; nothing of it is printed."""
    with contextlib.redirect_stdout(io.StringIO()):
        known = COCO()
        known.dataset = copy.deepcopy(truth)
        known.createIndex()
        evaluation = COCOeval(known, known.loadRes(copy.deepcopy(results)), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation


def numbers_of(evaluation: COCOeval) -> dict[str, float]:
    """COCO's ten numbers; NaN instead of -1."""
    return {
        name: float("nan") if value == -1 else float(value)
        for name, value in zip(SUMMARY, evaluation.stats, strict=True)
    }


def columns(truth: dict[str, Any], results: Records) -> tuple[Truths, Predictions]:
    """The same as columns."""
    ids = sorted(image["id"] for image in truth["images"])
    index = {key: i for i, key in enumerate(ids)}
    people = truth["annotations"]
    joints = np.array([p["keypoints"] for p in people], float).reshape(-1, 17, 3)
    truths = Truths(
        image_ids=ids,
        facts=[{"file_name": f"{key}.jpg"} for key in ids],
        categories=len(truth["categories"]),
        ids=[p["id"] for p in people],
        image=np.array([index[p["image_id"]] for p in people], np.int64),
        category=np.array([p["category_id"] - 1 for p in people], np.int64),
        joints=joints[..., :2],
        visibility=joints[..., 2].astype(np.int64),
        area=np.array([p["area"] for p in people], float),
        box=np.array([p["bbox"] for p in people], float).reshape(-1, 4),
        crowd=np.array([p["iscrowd"] for p in people], bool),
        labelled=np.array([p["num_keypoints"] for p in people], np.int64),
        head=np.full(len(people), np.nan),
    )
    places = np.array([r["keypoints"] for r in results], float).reshape(-1, 17, 3)[..., :2]
    extent = places.max(axis=1) - places.min(axis=1) if results else np.zeros((0, 2))
    area = extent[:, 0] * extent[:, 1]
    if results and "bbox" in results[0]:
        area = np.array([r["bbox"][2] * r["bbox"][3] for r in results], float)
    predictions = Predictions(
        np.array([index[r["image_id"]] for r in results], np.int64),
        np.array([r["category_id"] - 1 for r in results], np.int64),
        places,
        np.array([r["score"] for r in results], float),
        area,
    )
    return truths, predictions
