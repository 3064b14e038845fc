"""``infantnet tools sync``: time offsets and drift between videos."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json, progress, say, table
from backend.cli.stop import Stop
from backend.domain.confidence import rounded
from worker.synchronisation.measure import Method, synchronise
from worker.synchronisation.movement import MAX_S


def sync(
    videos: Annotated[
        list[Path], typer.Argument(metavar="VIDEOS…", help="One per camera; the first has 0.")
    ],
    method: Annotated[
        Method, typer.Option("--method", help="What to compare; auto compares all.")
    ] = Method.AUTO,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="JSON file to write; - for stdout.")
    ] = None,
    longest: Annotated[
        float, typer.Option("--seconds", min=1, help="Seconds in which to look for motion.")
    ] = MAX_S,
) -> None:
    """Measure how far the clocks of several cameras are apart.

    Session time = camera time + offset + drift; the first camera has 0. A video that cannot be
    compared is left out, and named.

    \b
    Examples:
      infantnet tools sync cam1.mp4 cam2.mp4 cam3.mp4 cam4.mp4
      infantnet tools sync --method audio cam*.mp4 --out sync.json
    """
    if out is not None and str(out) != "-" and not out.absolute().parent.is_dir():
        raise Stop(f"{out.absolute().parent}: there is no such folder.")
    with progress("Comparing clocks") as bar:
        result = synchronise(videos, method=method, progress=bar.update, longest_s=longest)
    for warning in result.warnings:
        say(f"Note: {warning}")
    written = result.to_json()
    if out is not None and str(out) == "-":
        print_json(written)
        return
    if out is not None:
        draft = out.with_name(f".{out.name}.{os.getpid()}")
        try:
            draft.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
            draft.replace(out)
        finally:
            draft.unlink(missing_ok=True)
        say(f"{out}: {len(result.clocks)} cameras, by {result.method}.")
        return
    say(f"By {result.method}:")
    table(
        ["camera", "offset ms", "drift ppm", "confidence", "note"],
        [
            [
                clock.name,
                None if clock.offset_ms is None else f"{clock.offset_ms:+.1f}",
                f"{clock.drift_ppm:+.1f}" if clock.measured else None,
                f"{clock.trust}, {rounded(clock.confidence, 2):.2f}",
                clock.note,
            ]
            for clock in result.clocks
        ],
        "No cameras.",
    )
