"""Records that hold as much as a format can, and what should come back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from backend.domain import masks
from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.outlines import rectangle_of
from backend.domain.skeleton import N_JOINTS
from backend.publishing.formats.holding import Thing
from backend.publishing.labelled import (
    LabelledFrame,
    LabelledImage,
    LabelledMask,
    LabelledPerson,
    OutlinedMask,
    PersonMarks,
    VideoFrame,
)

WIDTH, HEIGHT = 64, 48


def places(most: int) -> st.SearchStrategy[float]:
    """Hundredths of a pixel inside an image, some on its borders."""
    return st.one_of(st.integers(50, 100 * most - 50).map(lambda n: n / 100), st.just(most / 2))


def joints() -> st.SearchStrategy[Joint]:
    placed = st.builds(
        Joint,
        places(WIDTH),
        places(HEIGHT),
        st.sampled_from((Visibility.OCCLUDED, Visibility.VISIBLE)),
    )
    return st.one_of(st.just(ABSENT_JOINT), placed)


@st.composite
def skeletons(draw: st.DrawFn) -> Skeleton:
    drawn = draw(st.lists(joints(), min_size=N_JOINTS, max_size=N_JOINTS))
    # Nobody without a joint is taken for the infant; every format has shoulders.
    drawn[draw(st.sampled_from((5, 6)))] = Joint(20.25, 30.75, Visibility.VISIBLE)
    return Skeleton(tuple(drawn))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x0, x1 = sorted(draw(st.lists(st.integers(0, 4 * WIDTH), min_size=2, max_size=2, unique=True)))
    y0, y1 = sorted(draw(st.lists(st.integers(0, 4 * HEIGHT), min_size=2, max_size=2, unique=True)))
    return Box(x0 / 4, y0 / 4, (x1 - x0) / 4, (y1 - y0) / 4)


@st.composite
def found_masks(draw: st.DrawFn) -> LabelledMask:
    pixels = np.zeros((HEIGHT, WIDTH), bool)
    for _ in range(draw(st.integers(1, 2))):
        box = draw(boxes())
        pixels[int(box.y) : int(box.y + box.height) + 1, int(box.x) : int(box.x) + 3] = True
    return LabelledMask(masks.encode(pixels), int(pixels.sum()))


@st.composite
def outlined_masks(draw: st.DrawFn) -> LabelledMask:
    boxes_ = draw(st.lists(boxes(), min_size=1, max_size=2))
    return OutlinedMask(tuple(tuple(rectangle_of(box)) for box in boxes_), WIDTH, HEIGHT)


@st.composite
def people(draw: st.DrawFn, name: str, track: str, *, boxed: bool) -> LabelledPerson:
    scored = draw(st.booleans())
    skeleton = draw(skeletons())
    scores = tuple(
        0.0 if not j.present else 0.25 + 0.5 * (j.visibility == 2) for j in skeleton.joints
    )
    return LabelledPerson(
        skeleton,
        draw(boxes() if boxed else st.none() | boxes()),
        draw(st.none() | found_masks() | outlined_masks()),
        PersonMarks(name, track, 0.75 if scored else None, scores if scored else None),
    )


@st.composite
def datasets(draw: st.DrawFn, holds: Collection[Thing], *, boxed: bool) -> list[LabelledFrame]:
    """A few frames; of people only those that the format takes."""
    frames = []
    for i in range(draw(st.integers(1, 3))):
        image = LabelledImage(
            i + 1,
            f"images of a/frame_{i:03d}.jpg",
            WIDTH,
            HEIGHT,
            split=draw(st.sampled_from(("train", "val", "test"))) if Thing.SPLIT in holds else "",
            video=VideoFrame("a.mp4", 3 * i) if Thing.VIDEO in holds else None,
        )
        infant = draw(st.none() | people("infant", "t1", boxed=boxed))
        others: list[LabelledPerson] = []
        if Thing.OTHERS in holds:
            others = draw(st.lists(people("adult", "t2", boxed=boxed), max_size=1))
        if infant is None and not others and Thing.EMPTY not in holds:
            infant = draw(people("infant", "t1", boxed=boxed))
        frame = LabelledFrame(image, others=tuple(others))
        if infant is not None:
            frame = replace(
                frame, joints=infant.joints, box=infant.box, mask=infant.mask, marks=infant.marks
            )
        frames.append(frame)
    return frames


def check(
    frame: LabelledFrame,
    back: LabelledFrame,
    holds: Collection[Thing],
    tolerance: float,
    joints: Collection[int] = range(N_JOINTS),
) -> None:
    """Everything that the format holds is the same."""
    if Thing.SIZE in holds:
        assert (back.image.width, back.image.height) == (frame.image.width, frame.image.height)
    if Thing.SPLIT in holds:
        assert back.image.split == frame.image.split
    if Thing.VIDEO in holds:
        assert back.image.video == frame.image.video
    if holds & {Thing.NAME, Thing.WHO}:
        assert (back.joints is None) == (frame.joints is None)
    here, there = _sorted(frame.people, joints), _sorted(back.people, joints)
    assert len(here) == len(there)
    for person, other in zip(here, there, strict=True):
        _check_person(person, other, holds, tolerance, sorted(joints))


def _sorted(found: Collection[LabelledPerson], joints: Collection[int]) -> list[LabelledPerson]:
    def key(person: LabelledPerson) -> list[float]:
        kept = [person.joints.joints[i] for i in sorted(joints)]
        return [round(value, 1) for joint in kept for value in (joint.x, joint.y)]

    return sorted(found, key=key)


def _check_person(
    person: LabelledPerson,
    other: LabelledPerson,
    holds: Collection[Thing],
    tolerance: float,
    joints: list[int],
) -> None:
    wanted, got = (np.reshape(p.joints.to_flat(), (-1, 3))[joints] for p in (person, other))
    if Thing.OCCLUDED not in holds:
        wanted, got = (np.column_stack([v[:, :2], v[:, 2] > 0]) for v in (wanted, got))
    assert np.allclose(wanted, got, rtol=0, atol=tolerance)
    if Thing.BOX in holds:
        assert (person.box is None) == (other.box is None)
        if person.box is not None and other.box is not None:
            assert np.allclose(_corners(person.box), _corners(other.box), rtol=0, atol=tolerance)
    if Thing.MASK in holds:
        assert (person.mask is None) == (other.mask is None)
        if person.mask is not None and other.mask is not None:
            assert masks.run_lengths(person.mask.rle).tolist() == (
                masks.run_lengths(other.mask.rle).tolist()
            )
    if Thing.NAME in holds:
        assert other.marks.name == person.marks.name
    if Thing.TRACK in holds:
        assert other.marks.track == person.marks.track
    if Thing.SCORE in holds:
        assert other.marks.score == person.marks.score or person.marks.score is None
    if Thing.JOINT_SCORES in holds and person.marks.joint_scores is not None:
        assert other.marks.joint_scores is not None
        assert np.allclose(person.marks.joint_scores, other.marks.joint_scores, atol=1e-6)


def _corners(box: Box) -> list[float]:
    return [box.x, box.y, box.width, box.height]
