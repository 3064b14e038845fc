"""``infantnet tools train|recipes``: recipes on plain files, without a server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.models.checkpoints.registry import KNOWN
from worker.training.listing import told
from worker.training.loop import RUN, fit
from worker.training.reading import read
from worker.training.recipe import Listener, Recipe, Scale, Settings
from worker.training.recipes import all_recipes, recipe_named

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def recipes(as_json: AsJson = False) -> None:
    """List the recipes: what each learns, what it needs, where it comes from."""
    listed = [told(recipe) for recipe in all_recipes().values()]
    if as_json:
        print_json(listed)
        return
    for recipe in listed:
        print(f"{recipe['name']:28} {recipe['task']:22} {recipe['title']}")


def train(
    recipe: Annotated[str, typer.Argument(help="See “infantnet tools recipes”.")],
    data: Annotated[
        Path, typer.Argument(help="A release's folder, renders, a COCO set, or one COCO file.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="The run's folder; one that holds this very run goes on."),
    ],
    second: Annotated[
        Path | None, typer.Option("--second", help="Another set, for recipes that learn from two.")
    ] = None,
    scale: Annotated[Scale, typer.Option("--scale", help="Settings.")] = Scale.SMALL,
    changes: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a setting.")
    ] = None,
    start: Annotated[
        str | None, typer.Option("--start", help="A checkpoint's file, or one that ships by name.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of all chance.")] = 0,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 …")] = "auto",
    as_json: AsJson = False,
) -> None:
    """Train a recipe. Started again with the same words, it goes on where it stopped.

    \b
    Examples:
      infantnet tools train blazepose-lite datasets/crawlers-1.0.0 --out runs/lite
      infantnet tools train rtmo-t renders --start rtmo-t-demo --out runs/t --set epochs=2
      torchrun --nproc-per-node 4 -m worker.tools train rtmo-l datasets/crawlers-1.0.0 \\
          --scale paper --start rtmo-l.pth --out runs/l
    """
    wanted = recipe_named(recipe)
    settings = changed(settings_of(wanted, scale), changes or [])
    material = read(data, second=second, seed=seed)
    begin = starting_file(wanted, start)
    teller = _Teller()
    outcome = fit(
        wanted, material, settings, out, seed=seed, device=device, listener=teller, start=begin
    )
    if os.environ.get("RANK", "0") != "0":
        return
    if as_json:
        print_json(json.loads((out / RUN).read_text(encoding="utf-8")))
        return
    rows = (
        ("validation, before", outcome.before),
        (f"validation, epoch {outcome.epoch}", outcome.scores),
        ("test, before", outcome.test_before),
        ("test", outcome.test),
    )
    for name, scores in rows:
        if scores is not None:
            print(f"{name:24}" + "  ".join(f"{k} {v:.4f}" for k, v in scores.items()))
    say(f"{outcome.best} is the best model.")


def settings_of(recipe: Recipe, scale: Scale) -> Settings:
    """The settings of a scale.

    Raises:
        Stop: the recipe has none.
    """
    if scale not in recipe.settings:
        has = ", ".join(recipe.settings)
        raise Stop(f"{recipe.name} has settings for {has} only.", Exit.USAGE)
    return recipe.settings[scale]


def changed(settings: Settings, changes: list[str]) -> Settings:
    """Settings with ``NAME=VALUE`` applied; values are JSON, or else text."""
    told: dict[str, Any] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise Stop(f"Say --set NAME=VALUE, not {change!r}.", Exit.USAGE)
        try:
            told[name] = json.loads(value)
        except json.JSONDecodeError:
            told[name] = value
    return settings.changed(**told)


def starting_file(recipe: Recipe, start: str | None) -> Path | None:
    """The file that a training begins from; by default the first of the recipe's that ships."""
    if start is None:
        files = [KNOWN[name].shipped for name in recipe.starts if name in KNOWN]
        return next((file for file in files if file is not None and file.is_file()), None)
    if start in KNOWN and (shipped := KNOWN[start].shipped) is not None:
        return shipped
    if not Path(start).is_file():
        raise Stop(f"{start} is neither a file nor a checkpoint that ships.", Exit.USAGE)
    return Path(start)


class _Teller(Listener):
    def __init__(self) -> None:
        super().__init__()
        self._told = ""

    def note(self, words: str) -> None:
        say(words)

    def row(self, row: Mapping[str, Any]) -> None:
        if "scores" in row:
            scores = "  ".join(f"{name} {value:.4f}" for name, value in row["scores"].items())
            say(f"epoch {row['epoch']}: {scores}")

    def progress(self, done: int, total: int, words: str) -> None:
        if sys.stderr.isatty():
            print(f"\r{words}, step {done} of {total}   ", end="", file=sys.stderr, flush=True)
