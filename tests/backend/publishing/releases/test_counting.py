"""Whoever asks does not wait, and what is worked out twice is worked out once."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest

from backend.publishing.releases.contents.counting import Counting


@pytest.fixture
def counting() -> Iterator[Counting[int]]:
    made = Counting[int]()
    yield made
    made.end()


def test_two_who_ask_the_same_get_one_answer(counting: Counting[int]) -> None:
    go, runs = Event(), []

    def work() -> int:
        go.wait(60)
        runs.append(1)
        return 7

    first, second = (counting.begin("draft", "rule", work) for _ in range(2))
    assert not first.done()
    go.set()
    assert (first.result(60), second.result(60), runs) == (7, 7, [1])


def test_a_question_that_a_later_one_overtook_is_not_worked_out(counting: Counting[int]) -> None:
    go = Event()
    counting.begin("other draft", "rule", lambda: int(go.wait(60)))
    early = counting.begin("draft", "rule 1", lambda: 1)
    late = counting.begin("draft", "rule 2", lambda: 2)
    go.set()
    assert (early.result(60), late.result(60)) == (None, 2)


def test_what_failed_is_worked_out_anew(counting: Counting[int]) -> None:
    with pytest.raises(ZeroDivisionError):
        counting.begin("draft", "rule", lambda: 1 // 0).result(60)
    assert counting.begin("draft", "rule", lambda: 3).result(60) == 3
