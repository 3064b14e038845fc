"""``infantnet evaluate``: measure predictions on a release, on the server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.common import Json, NoWait, connect
from backend.cli.output import facts, print_json, say, table
from backend.cli.releases import find_release
from backend.cli.sending import send_file
from backend.cli.waiting import wait_for_job
from backend.domain.evaluation import conventions
from backend.domain.evaluation.entries import ModelSetting, PredictedKind

_LENGTHS = ("px", "mm")


class Kind(StrEnum):
    """What is predicted; by default the file tells."""

    AUTO = "auto"
    JOINTS = PredictedKind.JOINTS.value
    BODIES = PredictedKind.BODIES.value
    POSTURES = PredictedKind.POSTURES.value


def evaluate(
    ctx: typer.Context,
    release: Annotated[
        str, typer.Argument(metavar="DATASET@VERSION", help="Such as crawlers@1.0.0.")
    ],
    predictions: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS",
            help="COCO results (.json, .json.gz), bodies (.npz), or postures (.csv).",
        ),
    ],
    model: Annotated[str, typer.Option("--model", help="What the model is called.")],
    setting: Annotated[
        ModelSetting, typer.Option("--setting", help="Whether it was trained on this dataset.")
    ],
    split: Annotated[str, typer.Option("--split", help="Which part is predicted.")] = "test",
    kind: Annotated[Kind, typer.Option("--kind", help="What is predicted.")] = Kind.AUTO,
    note: Annotated[str, typer.Option("--note", help="For those who read the leaderboard.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="Of the model.")] = "",
    url: Annotated[str, typer.Option("--url", help="Where the model is described.")] = "",
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Measure predictions on a published release; they appear on its leaderboard.

    The same numbers as `infantnet tools evaluate`, which needs no server.

    \b
    Examples:
      infantnet evaluate crawlers@1.0.0 results.json --model rtmo-l --setting zero-shot
      infantnet evaluate crawlers@1.0.0 tuned.json.gz --model rtmo-l --setting fine-tuned
    """
    with connect(ctx) as api:
        found = find_release(api, release)
        body: dict[str, Any] = {
            "upload_id": send_file(api, predictions),
            "split": split,
            "model": model,
            "setting": setting.value,
            "kind": None if kind is Kind.AUTO else kind.value,
            "note": note,
            "licence": licence,
            "url": url,
        }
        started = api.post(f"/releases/{found['id']}/evaluations", body)
        if no_wait:
            if as_json:
                print_json(started)
            else:
                say(f"Job {started['job']['id']} measures {predictions.name}.")
            return
        wait_for_job(api, started["job"])
        evaluation = api.get(f"/evaluations/{started['evaluation']['id']}")
    if as_json:
        print_json(evaluation)
    else:
        _print(evaluation)
    page = f"/releases/{found['id']}/leaderboard/{evaluation['id']}"
    say(f"Parts, kinds of errors and worst frames: {api.target.url}{page}")


def _print(evaluation: dict[str, Any]) -> None:
    counts = evaluation["counts"]
    facts(
        [
            ("model", f"{evaluation['model']}, {evaluation['setting']}"),
            ("split", f"{evaluation['split']} of {evaluation['version']}"),
            *((name.replace("_", " "), f"{count:,}") for name, count in counts.items()),
        ]
    )
    beside = evaluation["baseline"]
    rows = []
    for name, measure in evaluation["measures"].items():
        row = [name, _shown(name, measure["value"]), _interval(name, measure["interval"])]
        if beside:
            row.append(_shown(name, (beside.get(name) or {}).get("value")))
        rows.append(row)
    columns = [
        "measure",
        "value",
        "95 % interval",
        *([evaluation["baseline_name"]] if beside else []),
    ]
    print()
    table(columns, rows, "Nothing was measured.")
    for note in evaluation["notes"]:
        say(f"Note: {note}")


def _unit(name: str) -> str:
    known = conventions.BY_NAME.get(name)
    return known.unit if known else "share"


def _shown(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    unit = _unit(name)
    return f"{value:.1f} {unit}" if unit in _LENGTHS else f"{value:.3f}"


def _interval(name: str, interval: list[float] | None) -> str:
    if interval is None:
        return ""
    low, high = interval
    unit = _unit(name)
    if unit in _LENGTHS:
        return f"{low:.1f} – {high:.1f} {unit}"
    return f"{low:.3f} – {high:.3f}"
