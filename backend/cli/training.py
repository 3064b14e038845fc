"""``infantnet train|finetune|predict|runs|recipes``: models trained on releases, on the server."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any, NoReturn

import typer

from backend.cli.client import Api
from backend.cli.common import Json, NoWait, connect, group
from backend.cli.hand_over import hand_over
from backend.cli.output import facts, print_json, say, table
from backend.cli.releases import find_release
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job

runs_app = group("Training runs.")


class Scale(StrEnum):
    """With which settings."""

    SMALL = "small"
    PAPER = "paper"


ReleaseName = Annotated[
    str, typer.Option("--release", metavar="DATASET@VERSION", help="Such as crawlers@1.0.0.")
]
ScaleName = Annotated[Scale, typer.Option("--scale", help="Settings: for two cores, or for GPUs.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a setting.")
]
Name = Annotated[str, typer.Option("--name", help="Of the run and of the model that it makes.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Of all chance.")]


def recipes(ctx: typer.Context, as_json: Json = False) -> None:
    """List the models that can be trained.

    \b
    Examples:
      infantnet recipes
    """
    with connect(ctx) as api:
        found = api.get("/recipes")
    if as_json:
        print_json(found)
        return
    rows = [(r["name"], r["task"], r["title"], r["table"], ", ".join(r["needs"])) for r in found]
    table(("recipe", "says", "title", "table", "needs"), rows, "There are no recipes.")


def train(
    ctx: typer.Context,
    recipe: Annotated[str, typer.Argument(help="See “infantnet recipes”.")],
    release: ReleaseName,
    scale: ScaleName = Scale.SMALL,
    changes: Changes = None,
    start: Annotated[
        str | None, typer.Option("--start", help="Checkpoint to begin from, by name.")
    ] = None,
    name: Name = "",
    seed: Seed = 0,
    renders: Annotated[
        int,
        typer.Option("--renders", help="Rendered infants beside it, for two sets."),
    ] = 0,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Train a model on a published release; its test split is measured at the end.

    \b
    Examples:
      infantnet train blazepose-lite --release crawlers@1.0.0
      infantnet train rtmo-l --release crawlers@1.0.0 --scale paper --set epochs=20
    """
    body = {
        "recipe": recipe,
        "scale": scale.value,
        "settings": _changed(changes or []),
        "start": start,
        "name": name,
        "seed": seed,
        "renders": renders,
    }
    with connect(ctx) as api:
        _train(api, release, body, no_wait=no_wait, as_json=as_json)


def finetune(
    ctx: typer.Context,
    checkpoint: Annotated[str, typer.Argument(help="A checkpoint by name, such as rtmo-l.")],
    release: ReleaseName,
    scale: ScaleName = Scale.SMALL,
    changes: Changes = None,
    name: Name = "",
    seed: Seed = 0,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Teach a pre-labeller the infants of a release; scores before and after on the same split.

    \b
    Examples:
      infantnet finetune rtmo-l --release crawlers@1.0.0
      infantnet finetune blazepose-heavy --release crawlers@1.0.0 --name our-heavy
    """
    with connect(ctx) as api:
        known = {item["name"]: item for item in api.get("/weights")}
        if checkpoint not in known:
            raise Stop(f"There is no checkpoint {checkpoint}; `infantnet weights list` shows all.")
        architecture = known[checkpoint]["architecture"]
        fitting = [r["name"] for r in api.get("/recipes") if r["architecture"] == architecture]
        if not fitting:
            raise Stop(f"No recipe trains {architecture}; `infantnet recipes` shows all.")
        body = {
            "recipe": fitting[0],
            "scale": scale.value,
            "settings": _changed(changes or []),
            "start": checkpoint,
            "name": name,
            "seed": seed,
        }
        _train(api, release, body, no_wait=no_wait, as_json=as_json)


def predict(ctx: typer.Context) -> NoReturn:
    """Say the joints of a split's images with the model of a run folder; needs no server."""
    hand_over("worker.tools", ["predict", *ctx.args])


@runs_app.command("list")
def list_runs(ctx: typer.Context, as_json: Json = False) -> None:
    """List training runs, newest first.

    \b
    Examples:
      infantnet runs list
    """
    with connect(ctx) as api:
        found = api.get("/runs")
    if as_json:
        print_json(found)
        return
    rows = [
        (
            run["name"],
            run["recipe"],
            run["release_title"],
            (run["job"] or {}).get("state", ""),
            f"{max(run['epoch'], 0)}/{run['epochs']}",
            _key(run, "before"),
            _key(run, "scores"),
            run["checkpoint"] or "",
        )
        for run in found
    ]
    columns = ("run", "recipe", "release", "state", "epoch", "before", "after", "model")
    table(columns, rows, "Nothing was trained yet.")


@runs_app.command("show")
def show(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="RUN", help="Name or id of a run.")],
    as_json: Json = False,
) -> None:
    """Show all that is known of a run.

    \b
    Examples:
      infantnet runs show blazepose-lite-1
    """
    with connect(ctx) as api:
        run = _run(api, name)
    if as_json:
        print_json(run)
    else:
        _print(run)


@runs_app.command("compare")
def compare(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="RUN…", help="Names or ids of runs.")],
    as_json: Json = False,
) -> None:
    """Put the scores of several runs side by side, on the test split where they have one.

    \b
    Examples:
      infantnet runs compare blazepose-lite-1 blazepose-heavy-1
    """
    with connect(ctx) as api:
        found = [_run(api, name) for name in names]
    if as_json:
        print_json(found)
        return
    if len({run["release_sha256"] for run in found}) > 1:
        say("Note: these runs are of different releases; their scores cannot be compared.")
    reached = [run["test"] or run["scores"] or {} for run in found]
    measures = list(dict.fromkeys(name for scores in reached for name in scores))
    sides = ["test" if run["test"] else "validation" for run in found]
    rows = [["split", *sides], ["epoch", *(run["best_epoch"] for run in found)]]
    rows += [[name, *(_shown(scores.get(name)) for scores in reached)] for name in measures]
    table(("measure", *(run["name"] for run in found)), rows, "Nothing was measured.")


def _train(api: Api, release: str, body: dict[str, Any], *, no_wait: bool, as_json: bool) -> None:
    found = find_release(api, release)
    started = api.post(f"/releases/{found['id']}/runs", body)
    run = started["run"]
    say(f"Run {run['name']}: {api.target.url}/models/runs/{run['id']}")
    if no_wait:
        if as_json:
            print_json(started)
        return
    wait_for_job(api, started["job"])
    run = api.get(f"/runs/{run['id']}")
    if as_json:
        print_json(run)
    else:
        _print(run)


def _print(run: dict[str, Any]) -> None:
    facts(
        [
            ("run", f"{run['name']} ({run['id']})"),
            ("recipe", f"{run['recipe']}, {run['scale']} settings, seed {run['seed']}"),
            ("release", f"{run['release_title']}, SHA-256 {run['release_sha256'][:12]}"),
            ("begun from", run["start"] or "–"),
            ("state", (run["job"] or {}).get("state", "–")),
            ("epochs", f"{max(run['epoch'], 0)} of {run['epochs']}; best {run['best_epoch']}"),
            ("device", run["device"] or "–"),
            ("program", run["code"] or "–"),
            ("model", run["checkpoint"] or "–"),
        ]
    )
    columns = [
        ("validation before", run["before"]),
        ("validation", run["scores"]),
        ("test before", run["test_before"]),
        ("test", run["test"]),
    ]
    there = [(title, scores) for title, scores in columns if scores]
    if there:
        names = list(dict.fromkeys(name for _, scores in there for name in scores))
        print()
        table(
            ("measure", *(title for title, _ in there)),
            [[name, *(_shown(scores.get(name)) for _, scores in there)] for name in names],
            "Nothing was measured.",
        )
    if run["comparison"]:
        say(f"{run['comparison']['measure']}: {run['comparison']['words']}")
    for note in run["notes"]:
        say(f"Note: {note}")


def _run(api: Api, name: str) -> dict[str, Any]:
    found = [r for r in api.get("/runs") if name in (r["name"], str(r["id"]))]
    if not found:
        raise Stop(f"There is no training run “{name}”. `infantnet runs list` shows all.")
    run: dict[str, Any] = api.get(f"/runs/{found[0]['id']}")
    return run


def _key(run: dict[str, Any], which: str) -> str:
    scores, key = run[which], run["key_metric"]
    return "" if not scores or key not in scores else f"{key} {_shown(scores[key])}"


def _shown(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) <= 1 else f"{value:.1f}"


def _changed(changes: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for change in changes:
        name, equals, value = change.partition("=")
        if not equals:
            raise Stop(f"Say --set NAME=VALUE, not {change!r}.", Exit.USAGE)
        try:
            told[name] = json.loads(value)
        except json.JSONDecodeError:
            told[name] = value
    return told
