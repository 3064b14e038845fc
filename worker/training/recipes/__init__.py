"""The recipes: each module of this package holds ``RECIPES: tuple[Recipe, ...]``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from backend.domain.errors import NotFound
from worker.training.recipe import Recipe


@cache
def all_recipes() -> Mapping[str, Recipe]:
    """All recipes by name, in the order of their modules."""
    found: dict[str, Recipe] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        if module.name.startswith("_"):
            continue
        for recipe in importlib.import_module(f"{__name__}.{module.name}").RECIPES:
            if recipe.name in found:
                raise RuntimeError(f"two recipes are called {recipe.name}")
            found[recipe.name] = recipe
    return MappingProxyType(found)


def recipe_named(name: str) -> Recipe:
    """A recipe.

    Raises:
        NotFound: none has that name; the message lists those there are.
    """
    recipes = all_recipes()
    if name not in recipes:
        raise NotFound(f"No recipe is called {name!r}; there are {', '.join(recipes)}.", name=name)
    return recipes[name]
