"""From evidence to ranges: hysteresis, shortest length, gaps, and which reason wins."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backend.domain.discards.evidence import FrameMeasures, evidence_of
from backend.domain.discards.proposals import ProposedRange, propose_ranges, still_open
from backend.domain.verdicts import DiscardReason

R = DiscardReason
N = 60


@pytest.fixture
def film() -> FrameMeasures:
    """Sixty good frames."""
    return FrameMeasures(
        sharpness=np.full(N, 300.0),
        luma=np.full(N, 120.0),
        dhash=np.full(N, 5),
        best_score=np.full(N, 0.85),
        size=np.ones(N),
        confident=np.full(N, 15.0),
        rival_score=np.zeros(N),
        rival_size=np.ones(N),
    )


def found(film: FrameMeasures) -> list[tuple[int, int, DiscardReason]]:
    return [(p.first, p.last, p.reason) for p in propose_ranges(evidence_of(film))]


def changed(column: np.ndarray, spans: dict[tuple[int, int], float]) -> np.ndarray:
    after = column.copy()
    for (first, last), value in spans.items():
        after[first : last + 1] = value
    return after


def test_nothing_is_proposed_in_good_film(film: FrameMeasures) -> None:
    assert found(film) == []


def test_each_fault_is_proposed_with_its_reason_and_its_edges(film: FrameMeasures) -> None:
    spoilt = replace(
        film,
        sharpness=changed(film.sharpness, {(5, 10): 40.0}),
        luma=changed(film.luma, {(15, 20): 15.0}),
        best_score=changed(film.best_score, {(25, 30): 0.0}),
        confident=changed(film.confident, {(25, 30): np.nan, (35, 40): 3.0}),
        rival_score=changed(film.rival_score, {(45, 50): 0.8}),
    )
    assert found(spoilt) == [
        (5, 10, R.MOTION_BLUR),
        (15, 20, R.LIGHTING),
        (25, 30, R.NO_INFANT),
        (35, 40, R.STRONG_OCCLUSION),
        (45, 50, R.SEVERAL_INFANTS),
    ]


def test_single_frames_are_left_to_people_and_short_gaps_are_closed(film: FrameMeasures) -> None:
    dark = {(8, 8): 10.0, (20, 24): 10.0, (27, 31): 10.0}
    assert found(replace(film, luma=changed(film.luma, dark))) == [(20, 31, R.LIGHTING)]


def test_a_dark_stretch_without_edges_and_people_is_dark_and_nothing_else(
    film: FrameMeasures,
) -> None:
    dark = replace(
        film,
        luma=changed(film.luma, {(10, 19): 12.0}),
        sharpness=changed(film.sharpness, {(10, 19): 3.0}),
        best_score=changed(film.best_score, {(10, 19): 0.0}),
    )
    assert found(dark) == [(10, 19, R.LIGHTING)]


def test_blur_while_the_whole_picture_moves_is_the_cameras(film: FrameMeasures) -> None:
    moving = film.dhash.copy()
    moving[10:20:2] = (1 << 20) - 1
    shaken = replace(film, sharpness=changed(film.sharpness, {(10, 19): 40.0}), dhash=moving)
    assert found(shaken) == [(10, 19, R.CAMERA_SHAKE)]


def test_a_carer_taken_for_the_infant_is_no_infant_and_a_carer_beside_it_no_second_one(
    film: FrameMeasures,
) -> None:
    carer = replace(film, size=changed(film.size, {(10, 19): 2.6}))
    assert found(carer) == [(10, 19, R.NO_INFANT)]
    beside = replace(film, rival_score=np.full(N, 0.9), rival_size=np.full(N, 2.4))
    assert found(beside) == []


def test_what_was_refused_is_not_proposed_again() -> None:
    again = ProposedRange(10, 20, R.LIGHTING, 0.9, "dark")
    assert still_open([again], {(11, 21): R.LIGHTING}) == []
    assert still_open([again], {(11, 21): R.MOTION_BLUR}) == [again]
    assert still_open([again], {(20, 40): R.LIGHTING}) == [again]
