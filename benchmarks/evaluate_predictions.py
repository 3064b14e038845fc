"""Evaluating predictions of 15,749 images, the size of InfantNet's test set, beside pycocotools.

Both are given the same files. *Evaluated* is the work on what is in memory already: for pycocotools
``evaluate``, ``accumulate`` and ``summarize``; here all of matching and all ten numbers. *From
files* begins with two JSON files and ends with the numbers. Of each the fastest of some runs
counts.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.domain.evaluation.average_precision import SUMMARY, Curves
from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.evaluation.intervals import clusters_of, draw
from backend.domain.evaluation.matching import match
from backend.domain.evaluation.samples import Predictions, Truths
from backend.domain.skeleton import JOINTS
from backend.publishing.evaluation.predictions_file import read_predictions
from backend.publishing.evaluation.truth_file import read_truth
from benchmarks.table import print_table, speed_against_peer, within_limit

IMAGES = 15_749
INFANTS = 40
RESAMPLES = 1000
RUNS = 3
PEER_RUNS = 2


def make_files(folder: Path) -> tuple[Path, Path]:
    """One infant in most images, two or three people in some, one to four predictions of each."""
    rng = np.random.default_rng(0)
    people: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for image in range(1, IMAGES + 1):
        for _ in range(rng.choice([1, 2, 3], p=[0.8, 0.15, 0.05])):
            size = rng.uniform(40, 250)
            centre = rng.uniform(200, 800, 2)
            joints = centre + rng.normal(0, size / 3, (17, 2))
            visibility = rng.choice([0, 1, 2], 17, p=[0.1, 0.2, 0.7])
            flat = np.column_stack([joints.round(2), visibility]).ravel().tolist()
            people.append(
                {
                    "id": len(people) + 1,
                    "image_id": image,
                    "category_id": 1,
                    "keypoints": flat,
                    "num_keypoints": int((visibility > 0).sum()),
                    "area": float(size**2),
                    "bbox": [*(centre - size).tolist(), 2 * size, 2 * size],
                    "iscrowd": int(rng.random() < 0.02),
                }
            )
            for _ in range(rng.integers(1, 5)):
                error = rng.normal(0, size * rng.choice([0.02, 0.05, 0.2]), (17, 2))
                found = np.column_stack([(joints + error).round(3), np.ones(17)])
                results.append(
                    {
                        "image_id": image,
                        "category_id": 1,
                        "keypoints": found.ravel().tolist(),
                        "score": round(float(rng.random()), 3),
                    }
                )
    images = [
        {"id": i, "file_name": f"{i}.jpg", "infantnet": {"infant": f"B{i * INFANTS // IMAGES}"}}
        for i in range(1, IMAGES + 1)
    ]
    kinds = [{"id": 1, "name": "person", "keypoints": list(JOINTS)}]
    truth, predictions = folder / "truth.json", folder / "results.json"
    truth.write_text(json.dumps({"images": images, "annotations": people, "categories": kinds}))
    predictions.write_text(json.dumps(results))
    return truth, predictions


def fastest(work: Callable[[], Any], runs: int) -> tuple[float, Any]:
    """Seconds of the fastest of some runs, and what the last one gave."""
    best, found = float("inf"), None
    for _ in range(runs):
        start = time.perf_counter()
        found = work()
        best = min(best, time.perf_counter() - start)
    return best, found


def numbers(truths: Truths, predictions: Predictions) -> list[float]:
    summary = Curves(truths, predictions, match(truths, predictions)).summary()
    return [float(summary[name][0]) for name in SUMMARY]


def numbers_from_files(truth: Path, predictions: Path) -> list[float]:
    known = read_truth(truth)
    return numbers(known.truths, read_predictions(predictions, known).predictions)


def by_peer(known: COCO, found: COCO) -> list[float]:
    evaluation = COCOeval(known, found, "keypoints")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    return list(evaluation.stats)


def by_peer_from_files(truth: Path, predictions: Path) -> list[float]:
    known = COCO(str(truth))
    return by_peer(known, known.loadRes(str(predictions)))


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        files = make_files(Path(name))
        read = read_truth(files[0])
        truths, predictions = read.truths, read_predictions(files[1], read).predictions
        seconds, ours = fastest(lambda: numbers(truths, predictions), RUNS)
        file_seconds, _ = fastest(lambda: numbers_from_files(*files), RUNS)
        with contextlib.redirect_stdout(io.StringIO()):
            known = COCO(str(files[0]))
            found = known.loadRes(str(files[1]))
            peer_seconds, theirs = fastest(lambda: by_peer(known, found), PEER_RUNS)
            peer_file_seconds, _ = fastest(lambda: by_peer_from_files(*files), PEER_RUNS)
    clusters = clusters_of(truths.facts)
    curves = Curves(truths, predictions, match(truths, predictions), clusters.of_image)
    weights = draw(len(clusters), RESAMPLES, seed=1)
    resampling, _ = fastest(lambda: curves.summary(weights), 1)
    whole, _ = fastest(lambda: evaluate(truths, predictions, Options()), 1)
    difference = max(abs(a - b) for a, b in zip(ours, theirs, strict=True))
    print_table(
        f"Predictions of {IMAGES:,} images: {len(truths):,} people, {len(predictions):,} predicted",
        [
            speed_against_peer("evaluated", seconds, "pycocotools", peer_seconds, at_least=10),
            speed_against_peer(
                "from files", file_seconds, "pycocotools", peer_file_seconds, at_least=1
            ),
            within_limit("largest difference of ten numbers", difference, "", 1e-9),
            within_limit(f"intervals, {RESAMPLES:,} resamples of infants", resampling, "s", 30),
            within_limit("everything that tools evaluate says", whole, "s", 60),
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
