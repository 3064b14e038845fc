"""The recipes that the server tells of are those that the workers have."""

from __future__ import annotations

import pytest

from backend.models.checkpoints.designs import ARCHITECTURES, architecture_named, changed
from backend.models.checkpoints.registry import KNOWN
from backend.models.runs.recipes import FILE
from worker.training.listing import text
from worker.training.recipe import Recipe, Scale, Settings
from worker.training.recipes import all_recipes

pytestmark = pytest.mark.models


def test_the_list_is_up_to_date() -> None:
    told = FILE.read_text(encoding="utf-8")
    assert told == text(), "run python -m worker.training.listing"


@pytest.mark.parametrize("recipe", all_recipes().values(), ids=lambda recipe: recipe.name)
def test_a_recipe_names_what_there_is(recipe: Recipe) -> None:
    assert Scale.SMALL in recipe.settings
    assert set(recipe.starts) <= set(KNOWN)
    for settings in recipe.settings.values():
        assert Settings.of_json(settings.to_json()) == settings
        if recipe.prelabels is not None:
            assert recipe.prelabels.architecture in ARCHITECTURES
            architecture = architecture_named(recipe.prelabels.architecture)
            changed(architecture, architecture.config, recipe.prelabels.config(settings))
