"""What lies beside a checkpoint's file and describes it, and the names of the files."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from backend.domain.errors import Cancelled, Conflict
from backend.models.checkpoints.designs import ARCHITECTURES, read_config
from backend.models.checkpoints.files import CHUNK, Progress
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.status import Source

_MADE: Final = re.compile(r"\.(?P<copy>.+)\.(pth|pt)\.adding|(?P<whole>.+)\.[0-9a-f]{12}\.(pth|pt)")
"""Names of the files that the store makes: copies on their way, and whole ones."""

_SOURCES: Final[dict[str, Source]] = {"download": "downloaded", "downloaded": "downloaded"}
"""Words of descriptions, earlier ones too; any other is a file that somebody brought."""


def made_for(path: Path) -> str | None:
    """The checkpoint that the store made this file for; None for a file that it did not make.

    For each checkpoint that it ever dealt with there is a lock, by which it knows its own.
    """
    found = _MADE.fullmatch(path.name)
    name = found and (found["copy"] or found["whole"])
    locked = name and (path.parent / f".{name}.lock").exists()
    return name if locked and path.is_file() else None


def described_file(folder: Path, name: str) -> str:
    """The name of the file that a checkpoint's description tells; "" where it tells none."""
    try:
        file = json.loads((folder / f"{name}.json").read_text()).get("file")
    except (FileNotFoundError, ValueError, AttributeError):
        return ""
    plain = isinstance(file, str) and file == Path(file).name and not file.startswith(".")
    return file if plain else ""


def describe(
    known: KnownWeights, file: Path, digest: str, size: int, source: Source, untrained: bool
) -> dict[str, Any]:
    """The description of a checked file; of somebody's own, with all that its row tells."""
    description: dict[str, Any] = {
        "name": known.name,
        "file": file.name,
        "sha256": digest,
        "bytes": size,
        "source": source,
        "published": bool(known.sha256) and digest.startswith(known.sha256),
        "untrained": untrained,
        "added_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    if known.own and known.used_with is not None:
        description |= {
            "architecture": known.architecture,
            "config": known.used_with.model_dump(mode="json"),
            "licence": known.licence,
            "about": known.about,
        }
    return description


def read_description(description: Path, file: Path) -> dict[str, Any] | None:
    """A description; None if it does not describe this very file."""
    try:
        described = json.loads(description.read_text())
    except (FileNotFoundError, ValueError):
        return None
    wanted = {"sha256", "bytes", "source", "published", "untrained"}
    if not isinstance(described, dict) or not wanted <= described.keys() or not file.is_file():
        return None
    if described["bytes"] != file.stat().st_size:
        return None
    described["source"] = _SOURCES.get(described["source"], "uploaded")
    return described


def own_checkpoint(description: Path) -> KnownWeights | None:
    """What a description tells of somebody's own checkpoint; None where it tells no such thing."""
    try:
        told = json.loads(description.read_text())
        architecture = ARCHITECTURES[told["architecture"]]
        config = read_config(told["config"])
        licence, about = str(told["licence"]), str(told["about"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return KnownWeights(
        description.stem,
        architecture.kind,
        architecture.variant,
        "",
        "",
        None,
        about,
        licence=licence,
        architecture=architecture.name,
        config=config,
    )


def copy_file(
    file: Path, to: Path, progress: Progress, cancelled: Callable[[], bool], called: str
) -> None:
    """Copy a file piece by piece.

    Raises:
        Conflict: the disk is too full.
        Cancelled: ``cancelled`` said so.
    """
    total = file.stat().st_size
    if shutil.disk_usage(to.parent).free < total + CHUNK:
        raise Conflict(f"{to.parent} has too little space for {called} ({total:,} bytes).")
    done = 0
    with file.open("rb") as source, to.open("wb") as target:
        while chunk := source.read(CHUNK):
            if cancelled():
                raise Cancelled(f"Stopped while copying {called}.")
            target.write(chunk)
            done += len(chunk)
            progress(done, total)
