"""``infantnet sync``: measure, set and apply the clocks of a recording's cameras."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, NoWait, RecordingName, connect, find_recording
from backend.cli.output import print_json, say, table
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job
from backend.domain.confidence import rounded

_SETTING = re.compile(r"^(?P<camera>.+?)\s*=\s*(?P<ms>[+-]?\d+(\.\d+)?)\s*(ms)?$")


class SyncMethodName(StrEnum):
    """What to compare."""

    AUTO = "auto"
    TIMECODE = "timecode"
    AUDIO = "audio"
    MOTION = "motion"


def sync(
    ctx: typer.Context,
    recording: RecordingName,
    method: Annotated[
        SyncMethodName | None,
        typer.Option("--method", help="Measure the clocks; auto uses the most certain result."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="CAMERA=MS", help="Set an offset by hand; may be repeated."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Make the recording use the newest version.")
    ] = False,
    no_wait: NoWait = False,
    as_json: Json = False,
) -> None:
    """Compare the clocks of a recording's cameras, or set them by hand.

    Common time = camera time + offset; the first camera has 0. Without options, the versions'
    newest is shown. What was measured changes nothing before it is applied.

    \b
    Examples:
      infantnet sync "Visit 3" --method auto
      infantnet sync "Visit 3" --set "cam 2=+33.4" --apply
      infantnet sync 7 --method audio --apply
    """
    if method is not None and settings:
        raise Stop("Either measure (--method) or set by hand (--set), not both.", Exit.USAGE)
    if no_wait and method is not None and apply:
        raise Stop("--apply needs the result: leave out --no-wait.", Exit.USAGE)
    with connect(ctx) as api:
        found = api.get(f"/recordings/{find_recording(api, recording)['id']}")
        path = f"/recordings/{found['id']}/synchronisations"
        if method is not None:
            job = api.post(path, {"method": method.value})
            if no_wait:
                _tell_job(job, as_json)
                return
            wait_for_job(api, job)
        elif settings:
            api.post(path, {"method": "manual", "offsets": _offsets(found, settings)})
        versions = api.get(path)
        if not versions:
            raise Stop(
                f"The clocks of {found['name']} have never been compared. Begin with"
                f' `infantnet sync "{found["name"]}" --method auto`.'
            )
        newest = versions[0]
        if apply:
            newest = _apply(api, found, newest, no_wait=no_wait)
    if as_json:
        print_json(newest)
        return
    _show(found, newest)


def _offsets(recording: dict[str, Any], settings: list[str]) -> list[dict[str, Any]]:
    cameras = {camera["name"].casefold(): camera["id"] for camera in recording["cameras_list"]}
    wanted = []
    for setting in settings:
        match = _SETTING.match(setting.strip())
        if match is None:
            raise Stop(
                f"{setting!r}: write CAMERA=MILLISECONDS, such as “cam 2=+33.4”.", Exit.USAGE
            )
        camera = cameras.get(match["camera"].strip().casefold())
        if camera is None:
            names = ", ".join(c["name"] for c in recording["cameras_list"])
            raise Stop(f"{recording['name']} has no camera “{match['camera']}”; it has {names}.")
        wanted.append({"camera_id": camera, "offset_ms": float(match["ms"])})
    return wanted


def _apply(
    api: Api, recording: dict[str, Any], version: dict[str, Any], *, no_wait: bool
) -> dict[str, Any]:
    answer: dict[str, Any] = api.post(f"/synchronisations/{version['id']}/apply")
    if "kind" in answer:  # a job that takes frames anew
        if no_wait:
            say(f"Job {answer['id']}: frames are extracted again at the same times.")
            return version
        wait_for_job(api, answer)
    versions = api.get(f"/recordings/{recording['id']}/synchronisations")
    return dict(next(row for row in versions if row["id"] == version["id"]))


def _tell_job(job: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(job)
    else:
        say(f"Job {job['id']}: {job['title']}.")


def _show(recording: dict[str, Any], version: dict[str, Any]) -> None:
    names = {camera["id"]: camera["name"] for camera in recording["cameras_list"]}
    use = "in use" if version["in_use"] else "not applied"
    say(f"{recording['name']}, version {version['version']} by {version['method']}, {use}:")
    for warning in version["report"]["warnings"]:
        say(f"Note: {warning}")
    table(
        ["camera", "offset ms", "drift ppm", "confidence", "residual ms", "note"],
        [
            [
                names.get(offset["camera_id"], offset["camera_id"]),
                f"{offset['offset_ms']:+.1f}",
                f"{offset['drift_ppm']:+.1f}",
                f"{offset['trust']}, {rounded(offset['confidence'], 2):.2f}",
                None if offset["residual_ms"] is None else f"{offset['residual_ms']:.1f}",
                offset["note"],
            ]
            for offset in version["offsets"]
        ],
        "No cameras.",
    )
