"""Saying what an import of videos would be made of, before it begins."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from backend.cli.client import Api
from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line names.

    Attributes:
        files: All files, each once.
        cameras: Those that were arranged by hand: name and files.
    """

    files: list[Path]
    cameras: list[tuple[str, list[Path]]]


def wanted_cameras(files: Sequence[Path], options: Sequence[str]) -> Wanted:
    """Read arguments and ``--camera`` options.

    Raises:
        Stop: they do not fit together.
    """
    arranged = [option for option in options if "=" in option]
    if arranged and len(arranged) < len(options):
        raise Stop("Give --camera either as NAME=FILE[,FILE…] or as NAME, not both.", Exit.USAGE)
    cameras: list[tuple[str, list[Path]]] = []
    if arranged:
        for option in arranged:
            name, _, text = option.partition("=")
            # A file may have a comma in its name.
            parts = [text] if Path(text).is_file() else [p for p in text.split(",") if p]
            if not name.strip() or not parts:
                raise Stop(f"--camera {option}: NAME=FILE[,FILE…] is needed.", Exit.USAGE)
            cameras.append((name.strip(), [Path(part) for part in parts]))
    elif options:
        if len(options) != len(files):
            raise Stop(
                f"{len(files)} files need {len(files)} --camera names; or arrange them by"
                " --camera NAME=FILE[,FILE…].",
                Exit.USAGE,
            )
        cameras = [(name, [file]) for name, file in zip(options, files, strict=True)]
    named = [file for _, own in cameras for file in own]
    every = list(dict.fromkeys([*files, *named]))
    if not every:
        raise Stop("Name at least one video.", Exit.USAGE)
    if len(set(named)) < len(named):
        raise Stop("A file is named for two cameras.", Exit.USAGE)
    return Wanted(every, cameras)


def understand(
    api: Api,
    ids: Mapping[Path, int],
    wanted: Wanted,
    sampling: Mapping[str, object],
    *,
    separate: bool,
) -> dict[str, Any]:
    """Ask the server what it makes of the files, and say it.

    Raises:
        Stop: a file cannot be used, or the person does not want it so.
    """
    body = {
        "files": [{"upload_id": i, "path": file.as_posix()} for file, i in ids.items()],
        "cameras": [
            {"name": name, "upload_ids": [ids[file] for file in own]}
            for name, own in wanted.cameras
        ],
        "separate": separate,
        "sampling": sampling,
    }
    seen: dict[str, Any] = api.post("/recordings/import/inspect", body)
    while not seen["ready"]:
        wait_for_job(api, seen["job"])
        seen = api.post("/recordings/import/inspect", body)
    if faults := [file["fault"] for file in seen["files"] if file["fault"]]:
        raise Stop("\n".join(faults))
    for line in lines(seen):
        say(line)
    doubtful = [camera for camera in seen["cameras"] if not camera["sure"]]
    if doubtful and sys.stdin.isatty() and not typer.confirm("Import them like this?", err=True):
        raise Stop(
            "Nothing was imported. Arrange the files by --camera NAME=FILE[,FILE…], or keep them"
            " apart by --separate."
        )
    return seen


def lines(seen: Mapping[str, Any]) -> list[str]:
    """What was understood, for people."""
    by_id = {file["upload_id"]: file for file in seen["files"]}
    count = len(seen["cameras"])
    head = f"{_many(count, 'camera')}, {_many(seen['moments'], 'moment')}"
    if count > 1:
        head += f", {seen['complete']} of them seen by all"
    found = [f"{head}."]
    for camera in seen["cameras"]:
        files = [by_id[file["upload_id"]] for file in camera["files"]]
        first = files[0]
        facts = [
            " + ".join(file["filename"] for file in files),
            f"{first['width']}×{first['height']}",
            f"{first['fps']:g} frames/s" if first["fps"] else None,
            f"{camera['duration_s']:.1f} s",
            "sound" if first["has_audio"] else "no sound",
            f"timecode {first['timecode']}" if first["timecode"] else None,
            f"{camera['taken']} frames to take",
        ]
        found.append(f"  {camera['name']}: " + ", ".join(fact for fact in facts if fact))
        if camera["reason"]:
            mark = "" if camera["sure"] else "Please check: "
            found.append(f"    {mark}{camera['reason']}")
    return found + [f"  Note: {warning}" for warning in seen["warnings"]]


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
