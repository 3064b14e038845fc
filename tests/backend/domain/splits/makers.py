"""Recordings for tests of splits: by hand, and by Hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from backend.domain.splits.units import Link, LinkReason, SplitUnit

SOURCES = ("youtube", "home_visit")
TARGETS = {
    "youtube": {"train": 0.8, "val": 0.1, "test": 0.1},
    "*": {"train": 0.6, "val": 0.1, "test": 0.3},
}


def unit(recording: int, infant: str, frames: int = 100, **others: Any) -> SplitUnit:
    return SplitUnit(recording, infant, frames=frames, **others)


@st.composite
def releases(draw: st.DrawFn, most: int = 10) -> tuple[list[SplitUnit], list[Link]]:
    """Some recordings, in any order, and links between some of them."""
    count = draw(st.integers(1, most))
    units = [
        SplitUnit(
            key,
            draw(st.integers(0, count)),
            draw(st.frozensets(st.sampled_from("abcdefgh"), max_size=1)),
            draw(st.sampled_from(SOURCES)),
            draw(st.integers(0, 500)),
            draw(st.none() | st.floats(0, 24)),
            draw(st.sampled_from((None, "female", "male"))),
            {"prone": draw(st.integers(0, 200))},
        )
        for key in range(1, count + 1)
    ]
    ends = st.integers(1, count)
    links = draw(
        st.lists(st.builds(Link, ends, ends, st.sampled_from(LinkReason)), max_size=count // 3)
    )
    return draw(st.permutations(units)), links
