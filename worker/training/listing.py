"""Write down the recipes for the server, which has no torch and imports none of them.

python -m worker.training.listing
"""

from __future__ import annotations

import json
from typing import Any

from backend.models.runs.recipes import FILE
from worker.training.recipe import Recipe
from worker.training.recipes import all_recipes


def told(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain values."""
    return {
        "name": recipe.name,
        "title": recipe.title,
        "about": recipe.about,
        "task": recipe.task.value,
        "paper": recipe.source.paper,
        "table": recipe.source.table,
        "address": recipe.source.address,
        "differs": recipe.source.differs,
        "licence": recipe.licence,
        "needs": sorted(need.value for need in recipe.needs),
        "starts": list(recipe.starts),
        "architecture": None if recipe.prelabels is None else recipe.prelabels.architecture,
        "settings": {scale.value: s.to_json() for scale, s in recipe.settings.items()},
    }


def text() -> str:
    """The file's content: recipes by name, so that two people's additions do not meet."""
    listed = sorted((told(recipe) for recipe in all_recipes().values()), key=lambda r: r["name"])
    return json.dumps(listed, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
    print(f"{FILE}: {len(all_recipes())} recipes")


if __name__ == "__main__":
    main()
