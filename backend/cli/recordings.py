"""``infantnet recordings list|show|recount``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from backend.cli.common import Json, RecordingName, connect, find_recording, group
from backend.cli.output import facts, print_json, short_time, table

app = group("Look at recordings.")


@app.command("list")
def list_recordings(
    ctx: typer.Context,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="Only in this stage; may be repeated.")
    ] = None,
    query: Annotated[str | None, typer.Option("--find", help="Part of a name.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many.")] = 1000,
    as_json: Json = False,
) -> None:
    """List recordings, newest first.

    \b
    Examples:
      infantnet recordings list
      infantnet recordings list --stage approved --json
    """
    with connect(ctx) as api:
        found = list(api.pages("/recordings", limit=limit, stage=stage or None, q=query))
    if as_json:
        print_json(found)
        return
    table(
        ["id", "name", "stage", "round", "frames", "decided", "infant", "annotator", "inspector"],
        [
            [
                r["id"],
                r["name"],
                r["stage"].replace("_", " "),
                r["round"],
                r["frames"],
                r["frames"] - r["counts"]["undecided"],
                r["infant"]["pseudonym"],
                _name(r["annotator"]),
                _name(r["inspector"]),
            ]
            for r in found
        ],
        "No recordings. Import one: infantnet import video --help",
    )


@app.command("recount")
def recount_recordings(as_json: Json = False) -> None:
    """Compare what lists say with a recount, and put right what differs; on this machine only.

    The numbers are kept with every write, so that nothing should ever differ.

    \b
    Examples:
      infantnet recordings recount
    """
    from backend.cli.local import local_transaction
    from backend.recordings.counts import repair

    with local_transaction() as session:
        found = [asdict(drift) for drift in repair(session)]
    if as_json:
        print_json(found)
        return
    table(
        ["recording", "what", "was", "is"],
        [[d["recording_id"], d["what"], d["kept"], d["counted"]] for d in found],
        "Every number is right.",
    )


@app.command("show")
def show_recording(ctx: typer.Context, recording: RecordingName, as_json: Json = False) -> None:
    """Show one recording.

    \b
    Example:
      infantnet recordings show "Bedroom 2"
    """
    with connect(ctx) as api:
        r = api.get(f"/recordings/{find_recording(api, recording)['id']}")
    if as_json:
        print_json(r)
        return
    counts, boxes, job = r["counts"], r["boxes"], r["active_job"]
    facts(
        [
            ("id", r["id"]),
            ("name", r["name"]),
            ("stage", f"{r['stage'].replace('_', ' ')} since {short_time(r['stage_since'])}"),
            ("round", r["round"]),
            ("source", r["source"].replace("_", " ")),
            ("infant", r["infant"]["pseudonym"]),
            ("age", None if r["age_months"] is None else f"{r['age_months']:g} months"),
            ("consent", r["consent"].replace("_", " ")),
            ("annotator", _name(r["annotator"])),
            ("inspector", _name(r["inspector"])),
            ("cameras", r["cameras"]),
            ("frames", f"{r['frames']} ({', '.join(f'{n} {s}' for s, n in counts.items())})"),
            (
                "boxes",
                f"{boxes['total']} ({boxes['flagged']} flagged, {boxes['stale']} stale,"
                f" {boxes['approved']} approved)"
                if boxes["total"]
                else None,
            ),
            ("suspicious frames", r["suspicious"]),
            ("open comments", r["open_comments"]),
            ("pre-labels", _prelabels(r)),
            ("job", f"{job['id']} {job['title']}: {job['state']}" if job else None),
            ("notes", r["notes"]),
        ]
    )


def _name(person: dict[str, Any] | None) -> str | None:
    return person["name"] if person else None


def _prelabels(recording: dict[str, Any]) -> str | None:
    if recording["prelabels_simulated"]:
        return "simulated"
    model: str | None = recording["prelabel_model"]
    return model
