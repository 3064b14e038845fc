"""``infantnet import postures``: tables that say which posture an infant is in when."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.common import Json, connect, find_recording
from backend.cli.import_labels import app
from backend.cli.output import print_json, say, table
from backend.cli.stop import Exit, Stop
from backend.cli.undo import app as undoing
from backend.domain.posture_tables import COLUMNS, MAX_CHARACTERS

__all__ = ["app"]


@app.command("postures")
def import_postures(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A CSV table.")],
    recording: Annotated[
        str | None,
        typer.Option("--recording", help="Of which recording it is, where no column says so."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            metavar="WHAT=NAME",
            help="What a column is, where its name does not say so: start_s=Begin."
            f" One of {', '.join(COLUMNS)}.",
        ),
    ] = None,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="WORD=POSTURE",
            help="What a word means: tummy=prone_lying, a group, or nothing behind the =.",
        ),
    ] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out", help="Leave out lines that cannot be used.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", "--dry-run", help="Only show what would be imported.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Import postures from a CSV table; what lies in the same moments is painted over.

    A line has a posture and a place: start_s and end_s, first_frame and last_frame, time_s, frame,
    or file_name. It is undone as a whole by: infantnet imports undo-postures ID

    \b
    Examples:
      infantnet import postures aims.csv --recording "Bedroom 2" --check
      infantnet import postures aims.csv --column posture=Behavior --map tummy=prone_lying
    """
    body: dict[str, Any] = {
        "file_name": file.name[-255:],
        "text": _text(file),
        "columns": _pairs(column, "--column"),
        "postures": _pairs(mapped, "--map"),
        "leave_out": leave_out,
    }
    with connect(ctx) as api:
        if recording is not None:
            body["recording_id"] = find_recording(api, recording)["id"]
        told = api.post("/posture-imports/preview", body)
        if not (check and as_json):
            _describe(told)
        if check:
            if as_json:
                print_json(told)
            if not told["recordings"] or (told["doubts"] and not leave_out):
                raise typer.Exit(Exit.FAILED)
            return
        made = api.post("/posture-imports", body | {"operation_id": str(uuid.uuid4())})
        say(f"Imported, as import {made['id']}.")
        if as_json:
            print_json(made)


@undoing.command("postures")
def list_posture_imports(ctx: typer.Context, as_json: Json = False) -> None:
    """List imports of postures."""
    with connect(ctx) as api:
        found = api.get("/posture-imports")
    if as_json:
        print_json(found)
        return
    table(
        ["id", "file", "by", "recordings", "undone"],
        [
            [
                each["id"], each["file_name"], (each["by"] or {}).get("name", ""),
                ", ".join(map(str, each["recordings"])), "yes" if each["undone_at"] else "",
            ]
            for each in found
        ],
        "No postures were imported.",
    )  # fmt: skip


@undoing.command("undo-postures")
def undo_posture_import(
    ctx: typer.Context,
    import_id: Annotated[int, typer.Argument(metavar="ID", min=1)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Undo an import of postures: what held before in its moments holds again."""
    with connect(ctx) as api:
        told = api.get(f"/posture-imports/{import_id}/undo")
        for each in told["goes"]:
            say(f"This goes: {each}")
        if told["prevents"]:
            raise Stop(f"It cannot be undone: {'; '.join(told['prevents'])}.")
        if not yes and not typer.confirm("Undo this import?", err=True):
            raise Stop("Nothing was undone.", Exit.FAILED)
        api.post(f"/posture-imports/{import_id}/undo")
        say("The import was undone.")


def _text(file: Path) -> str:
    if not file.is_file():
        raise Stop(f"{file}: there is no such file.", Exit.USAGE)
    if file.stat().st_size > 4 * MAX_CHARACTERS:
        raise Stop(f"{file}: larger than {MAX_CHARACTERS >> 20} Mi characters.", Exit.FAILED)
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fault = "the text is not UTF-8; save the table as UTF-8"
        raise Stop(f"{file}: {fault}.", Exit.FAILED) from error


def _pairs(given: list[str] | None, option: str) -> dict[str, str]:
    found = {}
    for each in given or ():
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise Stop(f"{option} {each}: an = is missing.", Exit.USAGE)
        found[name] = value
    return found


def _describe(told: dict[str, Any]) -> None:
    place = " and ".join(told["columns"][name] for name in told["place"])
    say(
        f"{told['lines']:,} lines; the posture is in “{told['columns']['posture']}”,"
        f" the place in “{place}”."
    )
    for word in told["words"]:
        meaning = word["posture"] or word["group"] or "nothing"
        say(f"  {word['word'] or '(empty)'} ({word['lines']:,}): "
            + ("not known; say it by --map" if word["unclear"] else meaning))  # fmt: skip
    for each in told["recordings"]:
        over = f", {each['replaced']:,} of which say something else now" if each["replaced"] else ""
        closed = "; it is closed to changes" if each["closed"] else ""
        say(f"{each['name']} (id {each['id']}): {each['moments']:,} of {each['of_moments']:,}"
            f" moments{over}{closed}.")  # fmt: skip
    for doubt in told["doubts"]:
        say(f"{doubt['lines']:,} lines cannot be used: {doubt['why']}"
            f" ({'; '.join(doubt['examples'])}).")  # fmt: skip
