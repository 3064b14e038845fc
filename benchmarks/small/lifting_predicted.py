"""Lifting from joints that a pre-labeller says, on renders of other infants.

The renders of ``TOLD`` show how a pre-labeller errs; those of ``SHOWN`` are what is measured. A
lifting network is taught twice: from true joints with the recipe's general errors, and from the
same poses with the errors that this pre-labeller made on ``TOLD``, a person's errors together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from backend.domain.estimates import BoxXYWH, PoseEstimate
from backend.domain.skeleton import MIRROR, N_JOINTS
from backend.models.checkpoints.architectures import TRAINING_ONLY
from backend.models.checkpoints.designs import BlazePoseConfig
from backend.models.checkpoints.registry import DEMO_POSE, PACKAGED
from benchmarks.small.common import Lab, table
from benchmarks.small.finetuning import start
from benchmarks.small.lifting import HEAD, MANY, TEST, TRAIN, VALIDATION, material, row
from worker.adapters.blazepose.estimator import BlazePoseEstimator
from worker.adapters.rtmo import RtmoEstimator
from worker.adapters.rtmo_network import RtmoNetwork
from worker.adapters.weights import load_checkpoint
from worker.synthesis.dataset import Order
from worker.training.lifting import bodies
from worker.training.lifting.data import Lifted, usable
from worker.training.lifting.lift import lift
from worker.training.lifting.metrics import mean_pose, measured
from worker.training.material import Material, Sample
from worker.training.pixels import load_rgb

Array = NDArray[np.float64]
SIZE: Final = (320, 320)
TOLD, SHOWN = (904, 48), (903, 128)
"""Seed and number of renders: to learn the errors from, and to measure on."""
DEMO_SIDE: Final = 256
"""Pixels that the demo's pre-labeller was trained at and is used at."""
LEAST_OVERLAP: Final = 0.1
"""Of boxes, for a person found to be the infant."""
FAR: Final = 0.1
"""Of the box's longer side: a joint that is farther off is missed."""


@dataclass(frozen=True)
class Said:
    """What a pre-labeller says of samples.

    samples: with its joints, or with the true ones where it found nobody. found: whether it did.
    errors: (n, 17, 2) said minus true in longer sides of the true joints' box; NaN for absent
    joints and for infants that were not found.
    """

    samples: list[Sample]
    found: NDArray[np.bool_]
    errors: Array

    def told(self) -> str:
        """In words."""
        off = np.linalg.norm(self.errors, axis=2)
        off = off[np.isfinite(off)]
        return (
            f"found {self.found.sum()} of {len(self.found)}; median error"
            f" {100 * np.median(off):.1f} % of the box's longer side,"
            f" {100 * (off > FAR).mean():.0f} % of joints farther off than {100 * FAR:.0f} %"
        )


def _overlap(one: BoxXYWH, two: BoxXYWH) -> float:
    """Intersection over union."""
    width = min(one[0] + one[2], two[0] + two[2]) - max(one[0], two[0])
    height = min(one[1] + one[3], two[1] + two[3]) - max(one[1], two[1])
    shared = max(width, 0.0) * max(height, 0.0)
    return shared / (one[2] * one[3] + two[2] * two[3] - shared)


Labeller = Callable[[Sample], PoseEstimate | None]


def in_true_boxes() -> Labeller:
    """``blazepose-heavy``, which is shown the infant's true box."""
    published = PACKAGED / "pose_landmark_heavy.tflite"
    model = BlazePoseEstimator("heavy", published, BlazePoseConfig())

    def look(sample: Sample) -> PoseEstimate:
        ((pose,),) = model.estimate_in_boxes([load_rgb(sample.image)], [[sample.box]])
        return pose

    return look


def in_whole_images() -> Labeller:
    """The demo's pre-labeller; the infant is the person whose box overlaps the true one most."""
    network = RtmoNetwork("t", DEMO_SIDE)
    load_checkpoint(network, start(), "RTMO-t", ignored=TRAINING_ONLY)
    model = RtmoEstimator("t", network, torch.device("cpu"))

    def look(sample: Sample) -> PoseEstimate | None:
        (people,) = model.estimate([load_rgb(sample.image)])
        overlaps = [_overlap(sample.box, person.box) for person in people]
        if not overlaps or max(overlaps) < LEAST_OVERLAP:
            return None
        return people[int(np.argmax(overlaps))]

    return look


def said_of(samples: Sequence[Sample], look: Labeller) -> Said:
    """Let a pre-labeller look at each sample's image."""
    given, found = [], []
    errors = np.full((len(samples), N_JOINTS, 2), np.nan)
    for number, sample in enumerate(samples):
        pose = look(sample)
        found.append(pose is not None)
        if pose is None:
            given.append(sample)
            continue
        there = sample.joints[:, 2] > 0
        off = (pose.keypoints - sample.joints[:, :2]) / _side(sample)
        errors[number, there] = off[there]
        given.append(replace(sample, joints=np.column_stack([pose.keypoints, np.full(17, 2.0)])))
    return Said(given, np.array(found), errors)


def _side(sample: Sample) -> float:
    there = sample.joints[:, 2] > 0
    return float(np.ptp(sample.joints[there, :2], axis=0).max())


def with_errors(samples: Sequence[Sample], errors: Array, seed: int) -> list[Sample]:
    """The samples with the errors of people drawn at random, mirrored in half of the draws."""
    rng = np.random.default_rng(seed)
    known = np.nan_to_num(errors[np.isfinite(errors).any(axis=(1, 2))])
    moved = []
    for sample in samples:
        off = known[rng.integers(len(known))]
        if rng.random() < 0.5:
            off = off[list(MIRROR)] * (-1.0, 1.0)
        joints = sample.joints.copy()
        joints[:, :2] += off * _side(sample) * (joints[:, 2:] > 0)
        moved.append(replace(sample, joints=joints))
    return moved


def predicted(lab: Lab) -> None:
    """Every pre-labeller, by a network that knows its errors and one that does not."""
    validation = lab.posed("validation", lambda: bodies.infants(VALIDATION, 240, 2))
    many = lab.posed("train", lambda: bodies.infants(TRAIN, MANY, 4))
    test = lab.posed("test", lambda: bodies.infants(TEST, 480, 2))
    plain = material(many, validation, test)
    told, shown = (_renders(lab, order) for order in (TOLD, SHOWN))
    true = Lifted(shown)
    mean = mean_pose(Lifted(many), true)
    general = [lab.run("lifting", plain, "many-scratch", seed).best for seed in lab.seeds]
    rows = [
        row("mean pose in the true box", [measured(shown, mean)]),
        row("true joints", [measured(shown, lift(true, one)) for one in general]),
    ]
    labellers = {DEMO_POSE: in_whole_images, "blazepose-heavy": in_true_boxes}
    for name, make in labellers.items():
        taught, said = (_kept(lab, name, make, *one) for one in ((TOLD, told), (SHOWN, shown)))
        print(f"{name}, on the renders that its errors are learnt from: {taught.told()}")
        print(f"{name}, on the renders that are measured: {said.told()}", flush=True)
        erring = material(
            with_errors(many, taught.errors, 1), with_errors(validation, taught.errors, 2), test
        )
        knowing = [lab.run("lifting", erring, f"knows-{name}", seed).best for seed in lab.seeds]
        baseline = mean_pose(Lifted(many), Lifted(said.samples))
        rows.append(row(f"{name}: mean pose in its box", [_scored(shown, said, baseline, mean)]))
        for called, networks in (("general", general), ("its own", knowing)):
            scores = [_lifted(shown, said, one, mean) for one in networks]
            rows.append(row(f"{name}, learnt with {called} errors", scores))
    table(f"Lifting on {len(shown)} renders, by joints in the image", HEAD, rows)
    print(f"Lifting from predicted joints: {lab.spent()}")


def _kept(
    lab: Lab, name: str, make: Callable[[], Labeller], order: tuple[int, int], part: list[Sample]
) -> Said:
    """What a pre-labeller says of renders, asked once."""
    return lab.kept(f"said-{name}-{order[0]}", lambda: said_of(part, make()))


def _renders(lab: Lab, order: tuple[int, int]) -> list[Sample]:
    seed, count = order
    found: Material = lab.renders(f"home-{seed}", Order(count, seed, SIZE))
    return [sample for sample in found.train[:count] if usable(sample)]


def _lifted(shown: Sequence[Sample], said: Said, network: Path, mean: Array) -> dict[str, float]:
    return _scored(shown, said, lift(Lifted(said.samples), network), mean)


def _scored(shown: Sequence[Sample], said: Said, joints: Array, mean: Array) -> dict[str, float]:
    """Where nobody was found, the mean pose in the true box is what is said."""
    return measured(shown, np.where(said.found[:, None, None], joints, mean))
