"""``infantnet bench table3``: a paper's table, filled on a release by the server's workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final

import typer

from backend.cli.client import Api
from backend.cli.common import Json, connect, group
from backend.cli.output import print_json, say, table
from backend.cli.releases import find_release
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job
from backend.models.checkpoints.top_down import BY_NAME, TOP_DOWN

app = group("Fill a paper's table on a release of your own.")

MEASURES: Final = ("AP", "AP.5", "AP.75", "AR")


class Scale(StrEnum):
    """Settings of the fine-tuning."""

    PAPER = "paper"
    SMALL = "small"


@dataclass(slots=True)
class _Row:
    name: str
    run: Mapping[str, Any] | None = None
    why: str = ""


@app.command("table3")
def table3(
    ctx: typer.Context,
    release: Annotated[
        str, typer.Option("--release", metavar="DATASET@VERSION", help="Such as crawlers@1.0.0.")
    ],
    rows: Annotated[
        list[str] | None, typer.Option("--row", help="Only this row, such as hrnet-w32; again.")
    ] = None,
    scale: Annotated[
        Scale,
        typer.Option("--scale", help="paper: 40 epochs at 1e-4; small: for two cores."),
    ] = Scale.PAPER,
    pull: Annotated[
        bool, typer.Option("--pull", help="First fetch the published checkpoints that are missing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """InfantNet's Table 3: 24 networks as published and fine-tuned, on the leaderboard.

    Each row is a run of training that begins from the published checkpoint; both are measured on
    the test split. What is done already is not done again, and a run that failed or was cancelled
    goes on where it stopped. A row that cannot run says why. `infantnet tools bench` does the same
    without a server.

    \b
    Examples:
      infantnet bench table3 --release crawlers@1.0.0 --pull
      infantnet bench table3 --release crawlers@1.0.0 --row hrnet-w32 --scale small
    """
    unknown = [row for row in rows or () if row not in BY_NAME]
    if unknown:
        raise Stop(f"There is no row {', '.join(unknown)}; rows: {', '.join(BY_NAME)}.", Exit.USAGE)
    wanted = [network.name for network in TOP_DOWN if not rows or network.name in rows]
    with connect(ctx) as api:
        found = find_release(api, release)
        here = {weight["name"] for weight in api.get("/weights") if weight["present"]}
        filled = [_filled(api, found["id"], name, scale, name in here, pull) for name in wanted]
        entries = api.get(f"/releases/{found['id']}/evaluations")["entries"]
    told = [_told(row, entries) for row in filled]
    if as_json:
        print_json({"rows": told, "mean_gain": _mean_gain(told)})
        return
    _print(told)
    say(f"Leaderboard: {api.target.url}/releases/{found['id']}/leaderboard")


def _filled(api: Api, release_id: int, name: str, scale: Scale, here: bool, pull: bool) -> _Row:
    """Do what a row lacks."""
    row = _Row(name)
    try:
        if not here:
            if not pull:
                row.why = f"its checkpoint is missing: infantnet weights pull {name}, or --pull"
                return row
            wait_for_job(api, api.post(f"/weights/{name}/pull"))
        row.run = _run(api, release_id, name, scale)
    except Stop as stop:
        if stop.code is not Exit.FAILED:
            raise
        row.why = stop.message.splitlines()[0]
        say(f"{name}: {row.why}")
    return row


def _run(api: Api, release_id: int, name: str, scale: Scale) -> Mapping[str, Any]:
    """The finished run of a row: the one there is, gone on with where it stopped, or a new one."""
    same = [
        run
        for run in api.get("/runs", release_id=release_id)
        if run["recipe"] == name and run["scale"] == scale.value
    ]
    finished = [run for run in same if run["finished_at"]]
    if finished:
        return dict(finished[0])
    stopped = [run for run in same if run["job"]]
    if stopped:
        run, job = stopped[0], stopped[0]["job"]
        if job["state"] in ("failed", "cancelled"):
            job = api.post(f"/jobs/{job['id']}/retry")
    else:
        begun = api.post(f"/releases/{release_id}/runs", {"recipe": name, "scale": scale.value})
        run, job = begun["run"], begun["job"]
    wait_for_job(api, job)
    return dict(api.get(f"/runs/{run['id']}"))


def _told(row: _Row, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    network = BY_NAME[row.name]
    own = "" if row.run is None else row.run["name"]
    published = _measures(entries, row.name, "zero-shot")
    tuned = _measures(entries, own, "fine-tuned")
    both = published is not None and tuned is not None
    return {
        "name": row.name,
        "network": network.title,
        "size": network.size,
        "zero_shot": published,
        "fine_tuned": tuned,
        "gain": tuned["AP"] - published["AP"] if both and tuned and published else None,
        "run": own or None,
        "why": row.why,
    }


def _measures(
    entries: Sequence[Mapping[str, Any]], model: str, setting: str
) -> dict[str, float] | None:
    for entry in entries:
        if entry["model"] == model and entry["setting"] == setting and "test" in entry["split"]:
            found = {name: entry["measures"].get(name, {}).get("value") for name in MEASURES}
            if found["AP"] is not None:
                return found
    return None


def _mean_gain(told: Sequence[Mapping[str, Any]]) -> float | None:
    gains = [row["gain"] for row in told if row["gain"] is not None]
    return sum(gains) / len(gains) if gains else None


def _print(told: Sequence[Mapping[str, Any]]) -> None:
    table(
        ["network", "input", *MEASURES, "gain in AP", "why not"],
        [
            [
                row["network"],
                row["size"],
                *(_pair(row, measure) for measure in MEASURES),
                "–" if row["gain"] is None else f"{row['gain']:+.3f}",
                row["why"],
            ]
            for row in told
        ],
        "No row was asked for.",
    )
    mean = _mean_gain(told)
    count = sum(row["gain"] is not None for row in told)
    print("No row has both." if mean is None else f"Mean gain over {count} rows: {mean:+.3f}.")


def _pair(row: Mapping[str, Any], name: str) -> str:
    return f"{_shown(row['zero_shot'], name)} / {_shown(row['fine_tuned'], name)}"


def _shown(measures: Mapping[str, Any] | None, name: str) -> str:
    value = None if measures is None else measures[name]
    return "–" if value is None else f"{value:.3f}"
