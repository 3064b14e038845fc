"""Settings that cannot be meant are refused before anything is read."""

from __future__ import annotations

import pytest

from backend.cli.stop import Stop
from backend.domain.errors import InvalidInput
from worker.tools.train import changed
from worker.training.recipe import Settings

USUAL = Settings(epochs=3, batch=8, rate=1e-3, size=(64, 48), extra={"depth": 18, "share": 0.5})


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("epochs=0", "epochs"),
        ("pictures_every=0", "pictures_every"),
        ("warm_up=-1", "warm_up"),
        ("batch=true", "batch"),
        ("rate=fast", "rate"),
        ("rate=NaN", "rate"),
        ("weight_decay=-0.1", "weight_decay"),
        ("size=64", "size"),
        ("size=[64]", "size"),
        ("size=[64,-48]", "size"),
        ("milestones=[1.5]", "milestones"),
        ("optimiser=Lion", "optimiser"),
        ("cosine=1", "cosine"),
        ("depth=deep", "depth"),
        ("depth=18.5", "depth"),
        ("dept=18", "depth"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name(words: str, named: str) -> None:
    with pytest.raises(InvalidInput, match=named):
        changed(USUAL, [words])


def test_values_of_the_right_kind_are_taken() -> None:
    told = changed(USUAL, ["size=[32,32]", "milestones=[2]", "clip=1", "share=1", "depth=50"])
    assert (told.size, told.milestones, told.clip) == ((32, 32), (2,), 1)
    assert told.extra == {"depth": 50, "share": 1}
    with pytest.raises(Stop, match="NAME=VALUE"):
        changed(USUAL, ["epochs"])
