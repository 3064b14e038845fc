"""How often proposed postures are right, on bodies of seeds that nothing was developed on.

``python -m benchmarks.postures`` poses bodies of the synthesis at random (a minute for a thousand)
and shows them to ``domain.posture_proposals``: in space, as a body fit gives them, and in the
images of one and of four cameras. Nothing is rendered: the rules see joints only.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from backend.domain.posture_proposals import (
    IN_IMAGES,
    SHOWN,
    Shown,
    shown_by_bodies,
    shown_in_images,
)
from benchmarks.bodies.poses import Posed, poses, seen
from benchmarks.bodies.train_postures import image_truth

SEED = 1001
FIT_ERROR_M = 0.015
"""Standard deviation of a fitted joint."""
UP = np.array([0.0, 0.0, 1.0])


def right_of_bodies(posed: Sequence[Posed], rng: np.random.Generator) -> dict[str, list[bool]]:
    """By posture whether the rules in space say it; prone lying and forearms where known."""
    joints = np.array([body.joints for body in posed])
    joints = joints + rng.normal(0, FIT_ERROR_M, joints.shape)
    found = [SHOWN[i] for i in shown_by_bodies(joints, UP).argmax(axis=1)]
    prone = {Shown.PRONE_LYING, Shown.FOREARMS}
    right: dict[str, list[bool]] = {}
    for body, shown in zip(posed, found, strict=True):
        if body.fine is not None:
            right.setdefault(body.fine, []).append(shown.value == body.fine)
        truth = {"none": "other"}.get(body.truth, body.truth)
        says = "prone" if shown in prone else shown.value
        right.setdefault(truth, []).append(says == truth)
    return right


def likely_in_images(
    posed: Sequence[Posed], views: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(n, c) likelihoods after the mean over some cameras' evidence."""
    logs = np.zeros((len(posed), len(SHOWN)))
    for _ in range(views):
        pairs = [seen(body.joints, rng) for body in posed]
        likely = shown_in_images(
            np.array([places for places, _ in pairs]), np.array([told for _, told in pairs])
        )
        logs += np.log(np.maximum(likely, 1e-3)) / views
    powers = np.exp(logs)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def right_in_images(
    posed: Sequence[Posed], likely: NDArray[np.float64]
) -> tuple[dict[str, list[bool]], float, float]:
    """By posture whether it is said; and of those above .8 how many, and how many of them right."""
    truths = [IN_IMAGES[image_truth(body.truth)] for body in posed]
    found = [SHOWN[i] for i in likely.argmax(axis=1)]
    right: dict[str, list[bool]] = {}
    for truth, shown in zip(truths, found, strict=True):
        right.setdefault(truth.value, []).append(truth is shown)
    sure = likely.max(axis=1) >= 0.8
    held = np.array([truth is shown for truth, shown in zip(truths, found, strict=True)])
    return right, float(sure.mean()), float(held[sure].mean())


def main() -> None:
    """Pose, look, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1400)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--poses", help="poses that were kept (.npz with J, T, F)")
    options = parser.parse_args()
    if options.poses:
        kept = np.load(options.poses)
        posed = [
            Posed(joints, str(truth), str(fine) or None)
            for joints, truth, fine in zip(kept["J"], kept["T"], kept["F"], strict=True)
        ]
    else:
        posed = list(poses(options.seed, options.count))
    rng = np.random.default_rng([options.seed, 3])
    bodies = right_of_bodies(posed, rng)
    one, sure_one, right_one = right_in_images(posed, likely_in_images(posed, 1, rng))
    four, sure_four, right_four = right_in_images(posed, likely_in_images(posed, 4, rng))
    print("| shown | bodies | in space | one camera | four cameras |")
    print("|---|---|---|---|---|")
    for name in dict.fromkeys([*bodies, *one]):
        row = [name.replace("_", " "), str(len(bodies.get(name) or one[name]))]
        for column in (bodies, one, four):
            row.append(f"{100 * np.mean(column[name]):.1f} %" if name in column else "–")
        print(f"| {' | '.join(row)} |")
    overall = [
        f"{100 * np.mean([np.mean(values) for values in part.values()]):.1f} %"
        for part in (bodies, one, four)
    ]
    print(f"| mean over rows | {len(posed)} | {' | '.join(overall)} |")
    print(
        f"likelihood ≥ .8: one camera {100 * sure_one:.0f} % of bodies, {100 * right_one:.1f} %"
        f" right; four cameras {100 * sure_four:.0f} %, {100 * right_four:.1f} % right"
    )


if __name__ == "__main__":
    main()
