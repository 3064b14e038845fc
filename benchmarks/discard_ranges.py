"""Ranges to discard: how many of the faults are proposed, and how many proposals are faults.

``python -m benchmarks.discard_ranges``; ``--develop`` uses the seeds on which thresholds were
chosen (0 to 9) instead of those that nobody looked at (100 to 109).

*Made faults*: film of the rendered demo, forth and back, into which ranges of 4 to 50 frames are
made: blurred by motion, darkened or overexposed in the picture itself; without the infant, with a
second one, or with most of the infant covered in what the simulated model finds. Between them
single frames are blurred, and the model misses people now and then: such frames are for a person to
decide, and a proposal that takes one counts as wrong there. *Demo*: the recordings as they ship,
whose frames say whether they are blurred, dark or empty.

Against it stands what there was before: each frame by the same measures and thresholds alone, a
range being a run of such frames. A range is found where a proposal of the right reason covers half
of their union.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from backend.demo.simulate import Candidate, simulate_frame
from backend.demo.truth import CameraTruth, FrameTruth, list_demo_recordings, load_truth
from backend.domain.candidates import likeliest_infant
from backend.domain.discards.evidence import Evidence, FrameMeasures, evidence_of
from backend.domain.discards.people import InFrame, measures_of_people
from backend.domain.discards.proposals import propose_ranges, runs
from backend.domain.estimates import PoseEstimate
from backend.domain.verdicts import DiscardReason
from benchmarks.table import Row, print_table
from worker.media.quality import as_signed, measure

Array = NDArray[np.uint8]
FRAMES = 400
DEVELOPED = range(10)
HELD_OUT = range(100, 110)
R = DiscardReason
REASONS = (R.MOTION_BLUR, R.LIGHTING, R.NO_INFANT, R.SEVERAL_INFANTS, R.STRONG_OCCLUSION)
Spans = list[tuple[int, int, DiscardReason]]


@dataclass(frozen=True)
class Clip:
    """One camera's frames with what is wrong in them."""

    measures: FrameMeasures
    truth: Spans


@cache
def pictures(name: str, camera: str) -> tuple[tuple[Array, ...], CameraTruth]:
    recording = next(r for r in list_demo_recordings() if r.name == name)
    truth = load_truth(name).camera(camera)
    with av.open(str(recording.videos[camera])) as container:
        frames = tuple(f.to_ndarray(format="bgr24") for f in container.decode(video=0))
    return frames[: len(truth.frames)], truth


def blurred(image: Array, rng: np.random.Generator) -> Array:
    length = int(rng.integers(11, 33))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), rng.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)


def exposed(image: Array, rng: np.random.Generator) -> Array:
    if rng.random() < 0.7:
        return (image * rng.uniform(0.05, 0.25)).astype(np.uint8)
    return np.clip(image.astype(np.float32) * 2.2 + 90, 0, 255).astype(np.uint8)


def covered(people: list[Candidate], rng: np.random.Generator) -> list[Candidate]:
    def hide(one: Candidate) -> Candidate:
        if one.kind != "infant":
            return one
        joints = one.keypoints.copy()
        hidden = rng.permutation(17)[: rng.integers(12, 16)]
        joints[hidden, 2] *= rng.uniform(0.05, 0.3, len(hidden))
        return replace(one, keypoints=joints, score=one.score * 0.8)

    return [hide(one) for one in people]


def doubled(people: list[Candidate], rng: np.random.Generator) -> list[Candidate]:
    infant = next((one for one in people if one.kind == "infant"), None)
    if infant is None:
        return people
    x0, y0, x1, y1 = infant.box
    size, dx = rng.uniform(0.85, 1.15), 1.3 * (x1 - x0)
    joints = infant.keypoints * [size, size, 1.0] + [dx, 0.0, 0.0]
    box = (x0 * size + dx, y0 * size, x1 * size + dx, y1 * size)
    twin = replace(infant, keypoints=joints, box=box, score=float(rng.uniform(0.5, 0.9)))
    return [*people, twin]


def made(seed: int) -> Clip:
    """Film of a demo camera with faults."""
    rng = np.random.default_rng(seed)
    cameras = [(r.name, c.name) for r in list_demo_recordings() for c in r.cameras]
    images, truth = pictures(*cameras[seed % len(cameras)])
    good = [i for i, frame in enumerate(truth.frames) if frame.condition == "ok" and frame.infant]
    there_and_back = [*good, *good[::-1]]
    order = [there_and_back[i % len(there_and_back)] for i in range(FRAMES)]
    spans: Spans = []
    at = int(rng.integers(8, 25))
    while True:
        length = int(rng.integers(4, 51))
        if at + length > FRAMES - 4:
            break
        spans.append((at, at + length - 1, REASONS[int(rng.integers(len(REASONS)))]))
        at += length + int(rng.integers(8, 40))
    fault: list[DiscardReason | None] = [None] * FRAMES
    for first, last, reason in spans:
        fault[first : last + 1] = [reason] * (last - first + 1)
    seen = [
        _frame(images[i], truth.frames[i], number, fault[number], seed, rng)
        for number, i in enumerate(order)
    ]
    return Clip(_measures(seen), spans)


Seen = tuple[float, float, int, list[Candidate]]


def _frame(
    image: Array,
    truth: FrameTruth,
    number: int,
    fault: DiscardReason | None,
    seed: int,
    rng: np.random.Generator,
) -> Seen:
    condition = {R.MOTION_BLUR: "blur", R.LIGHTING: "dark"}.get(fault, "ok") if fault else "ok"
    shown = replace(truth, index=number, condition=condition)
    if fault is R.MOTION_BLUR or (fault is None and rng.random() < 0.02):
        image = blurred(image, rng)
    elif fault is R.LIGHTING:
        image = exposed(image, rng)
    people = simulate_frame(shown, seed)
    if fault is R.NO_INFANT:
        people = [one for one in people if one.kind != "infant"]
    elif fault is R.STRONG_OCCLUSION:
        people = covered(people, rng)
    elif fault is R.SEVERAL_INFANTS:
        people = doubled(people, rng)
    found = measure(image)
    return found.sharpness, found.mean_luma, as_signed(found.difference_hash), people


def _measures(seen: Sequence[Seen]) -> FrameMeasures:
    sharpness, luma, dhash, people = zip(*seen, strict=True)
    found = [_in_frame(in_it) for in_it in people]
    return measures_of_people(
        np.array(sharpness), np.array(luma), np.array(dhash, dtype=np.int64), found
    )


def _in_frame(people: list[Candidate]) -> InFrame:
    of = [
        PoseEstimate(
            one.keypoints[:, :2],
            one.keypoints[:, 2],
            one.score,
            (one.box[0], one.box[1], one.box[2] - one.box[0], one.box[3] - one.box[1]),
        )
        for one in people
    ]
    return InFrame(of, likeliest_infant(of))


def shipped(name: str, camera: str) -> Clip:
    """A demo camera as it ships."""
    images, truth = pictures(name, camera)
    seen: list[Seen] = []
    for image, frame in zip(images, truth.frames, strict=True):
        found = measure(image)
        hashed = as_signed(found.difference_hash)
        seen.append((found.sharpness, found.mean_luma, hashed, simulate_frame(frame, 0)))
    kinds = {"blur": R.MOTION_BLUR, "dark": R.LIGHTING, "empty": R.NO_INFANT}
    spans: Spans = []
    for condition, reason in kinds.items():
        marked = np.array([frame.condition == condition for frame in truth.frames])
        spans += [(first, last, reason) for first, last in runs(marked)]
    return Clip(_measures(seen), spans)


def proposed(evidence: Evidence) -> Spans:
    return [(p.first, p.last, _plain(p.reason)) for p in propose_ranges(evidence)]


def _plain(reason: DiscardReason) -> DiscardReason:
    return R.MOTION_BLUR if reason is R.CAMERA_SHAKE else reason


def frame_by_frame(evidence: Evidence) -> Spans:
    """The same evidence without neighbours: a run of frames above one half is a range."""
    taken = np.zeros(len(evidence), dtype=bool)
    spans: Spans = []
    for reason in (R.LIGHTING, R.MOTION_BLUR, R.NO_INFANT, R.SEVERAL_INFANTS, R.STRONG_OCCLUSION):
        over = (np.nan_to_num(evidence.by_reason[reason], nan=0.0) > 0.5) & ~taken
        taken |= over
        spans += [(first, last, reason) for first, last in runs(over)]
    return spans


@dataclass
class Counts:
    """True, false and missed: frames, and ranges."""

    hit: int = 0
    wrong: int = 0
    missed: int = 0

    def words(self) -> str:
        precision = self.hit / max(1, self.hit + self.wrong)
        recall = self.hit / max(1, self.hit + self.missed)
        return f"P {precision:.3f} R {recall:.3f} ({self.hit + self.missed})"

    @property
    def f1(self) -> float:
        return 2 * self.hit / max(1, 2 * self.hit + self.wrong + self.missed)


def score(clips: Sequence[Clip], of: Callable[[Evidence], Spans], reason: DiscardReason | None):  # type: ignore[no-untyped-def]
    frames, ranges = Counts(), Counts()
    for clip in clips:
        found = of(evidence_of(clip.measures))
        mine = [s for s in found if reason in (None, s[2])]
        true = [s for s in clip.truth if reason in (None, s[2])]
        said, is_so = ({(i, s[2]) for s in spans for i in range(s[0], s[1] + 1)}
                       for spans in (mine, true))  # fmt: skip
        frames.hit += len(said & is_so)
        frames.wrong += len(said - is_so)
        frames.missed += len(is_so - said)
        matched = {t for t in true if any(_covers(m, t) for m in mine)}
        right = [m for m in mine if any(_covers(m, t) for t in true)]
        ranges.hit += len(matched)
        ranges.missed += len(true) - len(matched)
        ranges.wrong += len(mine) - len(right)
    return frames, ranges


def _covers(a: tuple[int, int, DiscardReason], b: tuple[int, int, DiscardReason]) -> bool:
    shared = min(a[1], b[1]) - max(a[0], b[0]) + 1
    union = max(a[1], b[1]) - min(a[0], b[0]) + 1
    return a[2] is b[2] and shared > 0 and shared / union >= 0.5


def rows_of(title: str, clips: Sequence[Clip], reasons: Sequence[DiscardReason | None]) -> None:
    rows = []
    for reason in reasons:
        name = "all reasons" if reason is None else reason.value.replace("_", " ")
        ours, plain = score(clips, proposed, reason), score(clips, frame_by_frame, reason)
        for what, mine, theirs in zip(("by frame", "by range"), ours, plain, strict=True):
            if mine.hit + mine.missed == 0:
                continue
            at_least = mine.f1 >= theirs.f1 if reason is None else None
            rows.append(
                Row(
                    f"{name}, {what}",
                    mine.words(),
                    f"single frames: {theirs.words()}",
                    mine.f1 / max(theirs.f1, 1e-9),
                    "ratio of F1 >= 1" if reason is None else "",
                    at_least,
                )
            )
    print_table(title, rows)


def main() -> int:
    seeds = DEVELOPED if "--develop" in sys.argv else HELD_OUT
    every: list[DiscardReason | None] = [None, *REASONS]
    clips = [made(seed) for seed in seeds]
    frames = sum(len(clip.measures) for clip in clips)
    rows_of(f"Ranges to discard: made faults, {frames} frames, seeds {seeds}", clips, every)
    demo = [shipped(r.name, c.name) for r in list_demo_recordings() for c in r.cameras]
    frames = sum(len(clip.measures) for clip in demo)
    rows_of(f"Ranges to discard: the demo as it ships, {frames} frames", demo, every)
    return 0


if __name__ == "__main__":
    sys.exit(main())
