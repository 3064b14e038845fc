"""``infantnet prelabel``, ``boxes`` and ``fit``: work on recordings that are there."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from backend.cli.common import (
    Json,
    NoWait,
    RecordingName,
    connect,
    find_recording,
)
from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job


def prelabel(
    ctx: typer.Context,
    recording: RecordingName,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Checkpoint to use; `infantnet weights list` shows them."),
    ] = None,
    boxes_from: Annotated[
        str | None,
        typer.Option(
            "--boxes-from",
            help="For a model that takes boxes: the checkpoint that finds people, or"
            " “whole picture”.",
        ),
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Let the pose model propose joints in every frame of a recording.

    \b
    Examples:
      infantnet prelabel "Bedroom 2"
      infantnet prelabel 7 --model rtmo-s --no-wait
      infantnet prelabel 7 --model vitpose-s --boxes-from rtmo-s
    """
    _fire(ctx, recording, "prelabel", model, no_wait, as_json, boxes_from=boxes_from)


def boxes(
    ctx: typer.Context,
    recording: RecordingName,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Checkpoint to use; `infantnet weights list` shows them."),
    ] = None,
    by_hand: Annotated[
        bool,
        typer.Option("--by-hand", help="Use no model: the inspector draws every missing box."),
    ] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Let the segmentation model propose masks and boxes, once the joints are approved.

    \b
    Examples:
      infantnet boxes "Bedroom 2"
      infantnet boxes 7 --model sam2.1-tiny
      infantnet boxes 7 --by-hand
    """
    if by_hand and model:
        raise Stop("--by-hand uses no model: leave out --model.", Exit.USAGE)
    _fire(ctx, recording, "box", model, no_wait, as_json, by_hand=by_hand)


def _fire(
    ctx: typer.Context,
    name: str,
    event: str,
    model: str | None,
    no_wait: bool,
    as_json: bool,
    *,
    by_hand: bool = False,
    boxes_from: str | None = None,
) -> None:
    with connect(ctx) as api:
        recording_id = find_recording(api, name)["id"]
        body: dict[str, Any] = {"event": event}
        if model:
            body["model"] = model
        if boxes_from:
            body["boxes_from"] = boxes_from
        if by_hand:
            body["by_hand"] = True
        detail: dict[str, Any] = api.post(f"/recordings/{recording_id}/events", body)
        job = detail["active_job"]
        if job is None:
            raise Stop(f"The server started no job; {detail['name']} is {detail['stage']}.")
        say(f"Job {job['id']} for recording {recording_id} “{detail['name']}”.")
        if not no_wait:
            job = wait_for_job(api, job)
            detail = api.get(f"/recordings/{recording_id}")
            say(f"{detail['name']} is now {detail['stage'].replace('_', ' ')}.")
        if as_json:
            print_json({"recording": detail, "job": job})


def fit(
    ctx: typer.Context,
    recording: RecordingName,
    body: Annotated[
        str | None,
        typer.Option("--body", help="Body model; `infantnet bodies list` shows them."),
    ] = None,
    only_stale: Annotated[
        bool,
        typer.Option("--stale", help="Only moments whose joints changed, and their neighbours."),
    ] = False,
    replace_verified: Annotated[
        bool, typer.Option("--replace-verified", help="Also fit again what was verified.")
    ] = False,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting other than the default; may be repeated."
        ),
    ] = None,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Fit the body model to the kept frames of a recording, all its cameras together.

    Settings and their defaults are listed in docs/fitting.md.

    \b
    Examples:
      infantnet fit "Visit 3"
      infantnet fit 7 --body smil --set gate_px=12
      infantnet fit 7 --stale
    """
    wanted = {
        "body": body,
        "only_stale": only_stale,
        "replace_verified": replace_verified,
        "config": dict(_setting(text) for text in setting or []),
    }
    with connect(ctx) as api:
        found = find_recording(api, recording)
        if only_stale:
            counts = api.get(f"/recordings/{found['id']}/fits")["counts"]
            if not counts["stale"]:
                say(f"Nothing to do: no fit of “{found['name']}” is stale.")
                if as_json:
                    print_json({"recording_id": found["id"], "job": None, "counts": counts})
                return
        job = api.post(f"/recordings/{found['id']}/fits", wanted)
        say(f"Job {job['id']} for recording {found['id']} “{found['name']}”.")
        if not no_wait:
            job = wait_for_job(api, job)
        counts = api.get(f"/recordings/{found['id']}/fits")["counts"]
        if not no_wait:
            done = counts["fitted"] + counts["verified"] + counts["rejected"]
            say(
                f"{done} moments have a body, {counts['verified']} verified;"
                f" {counts['gate_failed']} are outside the gate."
            )
        if as_json:
            print_json({"recording_id": found["id"], "job": job, "counts": counts})


def _setting(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise Stop(f"--set {text}: write NAME=VALUE.", Exit.USAGE)
    try:
        return name.strip(), json.loads(value)
    except (ValueError, RecursionError) as error:
        raise Stop(f"--set {name}: {value[:80]} is not a number or a list.", Exit.USAGE) from error
