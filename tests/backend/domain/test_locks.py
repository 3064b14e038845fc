"""What an annotator may change after the inspector spoke."""

from __future__ import annotations

from backend.domain.locks import why_locked


def test_a_frame_that_nobody_approved_is_open() -> None:
    assert why_locked(None) is None


def test_an_approved_frame_is_locked() -> None:
    assert why_locked(2) == "This frame was approved in round 2 and is locked."
