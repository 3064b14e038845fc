"""The recipes that the workers know, as ``python -m worker.training.listing`` wrote them down.

The server has no torch and never imports a recipe.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from backend.domain.errors import InvalidInput, NotFound

FILE: Final = Path(__file__).parent / "assets" / "recipes.json"

Told = Mapping[str, Any]
"""A recipe: ``name``, ``title``, ``about``, ``task``, ``paper``, ``table``, ``address``,
``differs``, ``licence``, ``needs``, ``starts``, ``architecture``, ``settings`` by scale."""


@lru_cache(maxsize=1)
def known_recipes() -> Mapping[str, Told]:
    """All recipes by name."""
    listed = json.loads(FILE.read_text(encoding="utf-8"))
    return MappingProxyType({recipe["name"]: recipe for recipe in listed})


def recipe_told(name: str) -> Told:
    """What is known of a recipe.

    Raises:
        NotFound: none has that name; the message lists those there are.
    """
    recipes = known_recipes()
    if name not in recipes:
        raise NotFound(f"No recipe is called {name!r}; there are {', '.join(recipes)}.", name=name)
    return recipes[name]


def settings_told(recipe: Told, scale: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a scale with some values changed; the worker checks them again.

    Raises:
        InvalidInput: the recipe has no such scale or setting, or a value is of another kind.
    """
    scales: Mapping[str, dict[str, Any]] = recipe["settings"]
    if scale not in scales:
        raise InvalidInput(
            f"{recipe['name']} has no settings called {scale}; it has {', '.join(scales)}."
        )
    settings = {**scales[scale], "extra": dict(scales[scale]["extra"])}
    for name, value in changes.items():
        place = settings["extra"] if name in settings["extra"] else settings
        if name not in place or name == "extra":
            known = sorted({*settings, *settings["extra"]} - {"extra"})
            raise InvalidInput(
                f"The settings have no {name!r}; there are {', '.join(known)}.",
                fault="no such setting",
            )
        was = place[name]
        if isinstance(was, str) or isinstance(value, str):
            # Words name files of the computer that trains: only who may read them may name them.
            raise InvalidInput(
                f"{name} cannot be changed on the server; `infantnet tools train` can.",
                fault="not a number",
            )
        number = isinstance(was, int | float) and not isinstance(was, bool)
        if number:
            right = isinstance(value, int | float) and not isinstance(value, bool)
        else:
            right = was is None or type(value) is type(was)
        if not right:
            raise InvalidInput(f"{name} cannot be {value!r}; it is {was!r} usually.")
        place[name] = value
    for name, least, most in (("epochs", 1, 10_000), ("batch", 1, 4096)):
        if type(settings[name]) is not int or not least <= settings[name] <= most:
            raise InvalidInput(f"{name} must be a whole number from {least} to {most:,}.")
    if not 0 < settings["rate"] < 10:
        raise InvalidInput("The rate must lie between 0 and 10.")
    return settings
