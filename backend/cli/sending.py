"""Sending files in chunks; a broken connection or a stopped command goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import httpx

from backend.cli.client import Api, Refused
from backend.cli.output import Task, progress, say
from backend.cli.stop import Exit, Stop
from backend.cli.target import cache_folder

CHUNK = 8 * 1024 * 1024
_TRIES = 8


def send_file(
    api: Api, path: Path, name: str | None = None, *, tell: bool = True, keep: bool = False
) -> int:
    """Upload a file and return the upload's id.

    An upload of the same unchanged file to the same server, begun earlier, is continued. Without
    ``tell`` no progress is shown: many small files have one bar together. With ``keep`` it is
    remembered also when it is whole, until :func:`forget_sent`: looking at a file twice does not
    send it twice.

    Raises:
        Stop: the file is missing or empty, or the server refuses it.
    """
    name = name or path.name
    try:
        stat = path.stat()
    except OSError as error:
        raise Stop(f"{path}: {error.strerror}.") from error
    if not path.is_file():
        raise Stop(f"{path} is not a file.")
    key = _key(api, path)
    try:
        shown = progress(f"Sending {name}", in_bytes=True) if tell else nullcontext(Task())
        with shown as bar:
            upload = _continued(api, key, stat.st_size, keep) or _begun(api, key, path, name)
            _send(api, path, upload, bar)
    except KeyboardInterrupt:
        raise Stop(
            f"Stopped while sending {name}; run the same command again to continue from there.",
            Exit.INTERRUPTED,
        ) from None
    if not keep:
        _forget(key)
    return int(upload["id"])


def forget_sent(api: Api, paths: Sequence[Path]) -> None:
    """Send these files anew the next time: the server has used what it was sent."""
    for path in paths:
        _forget(_key(api, path))


def _key(api: Api, path: Path) -> str:
    stat = path.stat()
    return f"{api.target.url} {path.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _send(api: Api, path: Path, upload: dict[str, Any], bar: Task) -> None:
    offset, failures = int(upload["offset"]), 0
    size = int(upload["size"])
    bar.update(offset, size)
    with path.open("rb") as file:
        while offset < size:
            file.seek(offset)
            chunk = file.read(CHUNK)
            if not chunk:
                raise Stop(f"{path} became shorter while it was sent.")
            try:
                offset = int(api.send_chunk(upload["id"], offset, chunk)["offset"])
                failures = 0
            except httpx.TransportError as error:
                failures += 1
                if failures >= _TRIES:
                    raise api.unreachable(error) from error
                time.sleep(min(10.0, 0.5 * 2**failures))
                # Where it cannot even be asked, the next try tells.
                with suppress(Stop):
                    offset = int(api.get(f"/uploads/{upload['id']}")["offset"])
            except Refused as refusal:
                failures += 1
                there = refusal.problem.get("offset")
                if refusal.status != 409 or there is None or failures >= _TRIES:
                    raise
                offset = int(there)
            bar.update(offset, size)


def _begun(api: Api, key: str, path: Path, name: str) -> dict[str, Any]:
    upload: dict[str, Any] = api.post(
        "/uploads", {"filename": name, "size": path.stat().st_size, "sha256": _sha256(path)}
    )
    _remember(key, int(upload["id"]))
    return upload


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# Which uploads were begun and not finished, by server, path, size and time of change.


def _continued(api: Api, key: str, size: int, whole: bool) -> dict[str, Any] | None:
    """The upload begun earlier; one that is whole only where that is wanted."""
    upload_id = _remembered().get(key)
    if upload_id is None:
        return None
    try:
        upload: dict[str, Any] = api.get(f"/uploads/{upload_id}")
    except Refused:
        return None
    if upload["size"] != size or (upload["complete"] and not whole):
        return None
    if upload["offset"] and not upload["complete"]:
        say(f"Continuing at {upload['offset'] / 1e6:,.1f} MB.")
    return upload


def _file() -> Path:
    return cache_folder() / "uploads.json"


def _remembered() -> dict[str, int]:
    try:
        known = json.loads(_file().read_text())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _write(known: dict[str, int]) -> None:
    # A machine without a place for caches only loses the comfort of going on later.
    with suppress(OSError):
        _file().parent.mkdir(parents=True, exist_ok=True)
        draft = _file().with_suffix(".new")
        draft.write_text(json.dumps(known))
        draft.replace(_file())


def _remember(key: str, upload_id: int) -> None:
    _write({**_remembered(), key: upload_id})


def _forget(key: str) -> None:
    known = _remembered()
    if known.pop(key, None) is not None:
        _write(known)
