"""The course of a training."""

from __future__ import annotations

from itertools import pairwise

import pytest

from worker.training.course import STAGES, Stage, stage_at


def test_the_stages_follow_one_another_and_end_with_whole_pictures() -> None:
    assert STAGES[0].begins == 0
    assert all(a.begins < b.begins < 1 for a, b in pairwise(STAGES))
    assert [stage.crop is None for stage in STAGES] == [False] * (len(STAGES) - 1) + [True]


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_lasts_from_its_beginning_until_the_next_begins(stage: Stage) -> None:
    following = [later.begins for later in STAGES if later.begins > stage.begins]
    assert stage_at(stage.begins) is stage
    assert stage_at(min([*following, 1.0]) - 1e-6) is stage


def test_the_classification_learns_only_when_there_is_something_to_learn_from() -> None:
    first, *later = STAGES
    assert (first.pull, first.mle) == (0, 0)
    assert all(stage.pull > 0 and stage.mle > 0 for stage in later)
