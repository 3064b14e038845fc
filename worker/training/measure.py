"""Average precision of a small RTMO on held-out renders and on the rendered demo recordings.

    python -m worker.training.measure --checkpoint training/last.pth --renders held_out \\
        --facts facts.json --about "What it was trained on, and for how long."

AP is pycocotools' for keypoints (OKS .50 to .95, the mask's area). With ``--facts``, what
``worker.training.export`` puts beside a checkpoint is written too.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from backend.demo.truth import FrameTruth, list_demo_recordings, load_truth
from backend.domain.estimates import PoseEstimate, RgbImage
from backend.publishing.formats.coco_writer import category
from worker.adapters.rtmo import RtmoEstimator
from worker.training.pixels import load_rgb

Truth = dict[str, Any]
"""A COCO keypoint file as one object."""


def average_precision(
    truth: Truth, found: Mapping[int, Sequence[PoseEstimate]]
) -> dict[str, float]:
    """AP, AP50, AP75 and the mean OKS of the best person where there is one to be found.

    truth: COCO. found: image id → people.
    """
    results = [
        {
            "image_id": image,
            "category_id": 1,
            "keypoints": np.column_stack([person.keypoints, person.scores]).ravel().tolist(),
            "score": person.score,
        }
        for image, people in found.items()
        for person in people
    ]
    if not results:
        return {"AP": 0.0, "AP50": 0.0, "AP75": 0.0}
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    ap, ap50, ap75 = (float(v) for v in evaluation.stats[:3])
    return {"AP": ap, "AP50": ap50, "AP75": ap75}


def near(truth: Truth, found: Mapping[int, Sequence[PoseEstimate]], share: float = 0.1) -> float:
    """Share of placed joints that the best person has within ``share`` of the box's diagonal."""
    hits = total = 0
    for annotation in truth["annotations"]:
        joints = np.asarray(annotation["keypoints"], float).reshape(17, 3)
        placed = joints[:, 2] > 0
        total += int(placed.sum())
        people = found.get(annotation["image_id"], ())
        if people:
            best = max(people, key=lambda person: person.score)
            off = np.linalg.norm(best.keypoints - joints[:, :2], axis=1)
            limit = share * float(np.hypot(*annotation["bbox"][2:]))
            hits += int((placed & (off < limit)).sum())
    return hits / max(total, 1)


def of_renders(folder: Path) -> tuple[Truth, Iterable[tuple[int, RgbImage]]]:
    """The truth and the images of a folder of ``infantnet synthesise``."""
    truth = json.loads((folder / "annotations.json").read_text(encoding="utf-8"))

    def images() -> Iterable[tuple[int, RgbImage]]:
        for image in truth["images"]:
            yield image["id"], load_rgb(folder / image["file_name"])

    return truth, images()


def of_demo(name: str, every: int = 5) -> tuple[Truth, Iterable[tuple[int, RgbImage]]]:
    """The same of a shipped demo recording's infant, every n-th frame of each camera."""
    cameras = load_truth(name).cameras
    chosen = [(c, frame) for c, camera in enumerate(cameras) for frame in camera.frames[::every]]
    people = [
        _person(i + 1, frame)
        for i, (_, frame) in enumerate(chosen)
        if frame.infant is not None and frame.infant.box is not None
    ]
    truth: Truth = {
        "images": [
            {"id": i + 1, "width": frame.width, "height": frame.height, "file_name": ""}
            for i, (_, frame) in enumerate(chosen)
        ],
        "annotations": [person | {"id": k + 1} for k, person in enumerate(people)],
        "categories": [category()],
        "info": {},
    }

    def images() -> Iterable[tuple[int, RgbImage]]:
        number = 0
        for camera in cameras:
            with av.open(str(camera.camera.video)) as video:
                for k, frame in enumerate(video.decode(video=0)):
                    if k % every == 0 and k < len(camera.frames):
                        number += 1
                        yield number, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)

    return truth, images()


def _person(image: int, frame: FrameTruth) -> dict[str, Any]:
    infant = frame.infant
    assert infant is not None
    assert infant.box is not None
    joints = np.column_stack([infant.joints2d, infant.visibility]).astype(float)
    joints[infant.visibility == 0] = 0
    x0, y0, x1, y1 = infant.box
    return {
        "image_id": image,
        "category_id": 1,
        "iscrowd": 0,
        "keypoints": joints.ravel().tolist(),
        "num_keypoints": int((infant.visibility > 0).sum()),
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": float(infant.area),
    }


def measure(
    estimator: RtmoEstimator, source: tuple[Truth, Iterable[tuple[int, RgbImage]]]
) -> dict[str, float]:
    """AP, AP50, AP75 and the share of joints near their place."""
    truth, images = source
    found = {i: estimator.estimate([image])[0] for i, image in images}
    return average_precision(truth, found) | {"near": near(truth, found), "images": len(found)}


def facts(
    options: argparse.Namespace, results: Mapping[str, Mapping[str, float]], demo: Sequence[str]
) -> dict[str, Any]:
    """The description that goes with a shipped checkpoint.

    results: by folder of renders and by demo recording; the first folder counts as held out.
    demo: the names of the demo recordings among them.
    """
    held = results[str(options.renders[0])]
    frames = sum(results[name]["images"] for name in demo)
    ap = sum(results[name]["AP"] * results[name]["images"] for name in demo) / frames
    return {
        "variant": options.variant,
        "side": options.side,
        "least_score": options.least_score,
        "demonstration": True,
        "trained_on": options.about,
        "held_out": f"{held['images']} pictures of infantnet synthesise, of another seed",
        "ap_held_out": round(held["AP"], 4),
        "ap50_held_out": round(held["AP50"], 4),
        "near_held_out": round(held["near"], 4),
        "ap_demo": round(ap, 4),
        "demo": {name: {k: round(v, 4) for k, v in results[name].items()} for name in demo},
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m worker.training.measure", description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--renders", type=Path, nargs="*", default=[])
    parser.add_argument("--variant", default="t")
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--no-demo", action="store_true")
    parser.add_argument("--every", type=int, default=5, help="n-th frame of the demo's videos")
    parser.add_argument("--facts", type=Path, help="where to write the description")
    parser.add_argument(
        "--least-score", type=float, default=0.4, help="people below it are left out in use"
    )
    parser.add_argument("--about", default="", help="one sentence of the description")
    options = parser.parse_args()
    if options.facts and (options.no_demo or not options.renders):
        parser.error("--facts needs --renders and the demo")
    estimator = RtmoEstimator(
        options.variant, options.checkpoint, side=options.side, score_threshold=0.02
    )
    results = {str(folder): measure(estimator, of_renders(folder)) for folder in options.renders}
    demo = [] if options.no_demo else [recording.name for recording in list_demo_recordings()]
    for name in demo:
        results[name] = measure(estimator, of_demo(name, options.every))
    if options.facts:
        text = json.dumps(facts(options, results, demo), indent=1) + "\n"
        options.facts.write_text(text, encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
