"""What may be changed of a recipe's settings by those who order a training on the server."""

from __future__ import annotations

import pytest

from backend.domain.errors import InvalidInput
from backend.models.runs import recipes

HMR = "hmr"


def test_numbers_of_a_recipe_can_be_changed() -> None:
    told = recipes.settings_told(recipes.recipe_told(HMR), "small", {"epochs": 3, "noise": 1.5})

    assert told["epochs"] == 3
    assert told["extra"]["noise"] == 1.5


@pytest.mark.parametrize(
    ("name", "value"), [("body", "/etc/passwd"), ("truth", "smil.npz"), ("epochs", "3")]
)
def test_no_file_of_the_server_can_be_named(name: str, value: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be changed on the server"):
        recipes.settings_told(recipes.recipe_told(HMR), "small", {name: value})


def test_an_unknown_setting_is_named_with_those_that_there_are() -> None:
    with pytest.raises(InvalidInput, match="no 'speed'; there are "):
        recipes.settings_told(recipes.recipe_told(HMR), "small", {"speed": 3})
