"""Fetches one large file over HTTP and carries on where an earlier try stopped.

What has arrived lies in ``<file>.part``; beside it ``<file>.part.json`` remembers which version of
the file it is (RFC 9110: the strong ETag or the Last-Modified date), so that a resumed download
never joins two different files.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import httpx

from backend.domain.errors import Cancelled, Conflict
from backend.models.checkpoints.files import CHUNK, Progress

_TRIES: Final = 5
_SPARE_DISK: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class _Origin:
    """Which file a partial download belongs to."""

    url: str
    validator: str | None
    total: int | None


def download(
    url: str,
    part: Path,
    *,
    progress: Progress,
    cancelled: Callable[[], bool],
    pause_seconds: float = 1.0,
) -> None:
    """Fetch ``url`` into ``part`` completely, resuming what lies there.

    A broken connection is taken up again up to five times in a row without progress.

    Raises:
        Cancelled: ``cancelled`` said so; what arrived is kept.
        Conflict: the server refuses, cannot be reached, or the disk is too full; what arrived is
            kept.
    """
    timeout = httpx.Timeout(30.0, connect=15.0)
    failures = 0
    with httpx.Client(follow_redirects=True, timeout=timeout) as client:
        while True:
            before = _size(part)
            try:
                _fetch_rest(client, url, part, progress, cancelled)
                _origin_file(part).unlink(missing_ok=True)
                return
            except httpx.TransportError as error:
                failures = 1 if _size(part) > before else failures + 1
                if failures >= _TRIES:
                    raise Conflict(
                        f"{url} could not be downloaded: {_words(error)}. "
                        f"{_size(part):,} bytes are kept; try again to continue from there.",
                        url=url,
                        kept_bytes=_size(part),
                    ) from error
            _wait(pause_seconds * 2 ** (failures - 1), url, cancelled)


def discard(part: Path) -> None:
    """Remove a partial download."""
    part.unlink(missing_ok=True)
    _origin_file(part).unlink(missing_ok=True)


def _fetch_rest(
    client: httpx.Client,
    url: str,
    part: Path,
    progress: Progress,
    cancelled: Callable[[], bool],
) -> None:
    """One request: the rest of the file, or all of it if the server's file has changed."""
    origin = _read_origin(part)
    have = _size(part)
    if origin is None or origin.url != url or origin.validator is None:
        have = 0
    if have and origin is not None and have == origin.total:
        return
    # Compressed transfer would make byte ranges count something else than the file's bytes.
    headers = {"Accept-Encoding": "identity"}
    if have and origin is not None and origin.validator is not None:
        headers |= {"Range": f"bytes={have}-", "If-Range": origin.validator}
    with client.stream("GET", url, headers=headers) as response:
        if response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            discard(part)
            raise httpx.RemoteProtocolError("the server's file is shorter than what arrived before")
        if response.status_code not in (httpx.codes.OK, httpx.codes.PARTIAL_CONTENT):
            raise Conflict(
                f"{url} could not be downloaded: the server answered {response.status_code} "
                f"{response.reason_phrase}.",
                url=url,
                status=response.status_code,
            )
        start, total = _span(response, have)
        _require_space(part, total, start, url)
        _write_origin(part, _Origin(url, _validator(response), total))
        done = start
        with part.open("r+b" if start else "wb") as stream:
            stream.truncate(start)
            stream.seek(start)
            progress(done, total)
            reported = done
            # As the pieces come: gathering them into larger ones would lose the last one when the
            # connection breaks.
            for chunk in response.iter_raw():
                stream.write(chunk)
                done += len(chunk)
                if done - reported < CHUNK and done != total:
                    continue
                progress(done, total)
                reported = done
                if cancelled():
                    raise Cancelled(
                        f"Stopped after {done:,} bytes of {url}; they are kept.", url=url
                    )
        if total is not None and done < total:
            raise httpx.RemoteProtocolError(f"the connection ended after {done:,} of {total:,}")


def _span(response: httpx.Response, asked_from: int) -> tuple[int, int | None]:
    """Where the answer's bytes start in the file, and how long the file is."""
    length = response.headers.get("content-length")
    if response.status_code == httpx.codes.OK:
        return 0, int(length) if length else None
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("content-range", ""))
    if match is None or int(match[1]) != asked_from:
        raise httpx.RemoteProtocolError(
            "the server answered with a different range from the one requested"
        )
    return asked_from, None if match[3] == "*" else int(match[3])


def _validator(response: httpx.Response) -> str | None:
    """The strong ETag, else the date: what ``If-Range`` takes (RFC 9110, 13.1.5)."""
    etag: str | None = response.headers.get("etag")
    if etag and not etag.startswith("W/"):
        return etag
    date: str | None = response.headers.get("last-modified")
    return date


def _require_space(part: Path, total: int | None, have: int, url: str) -> None:
    free = shutil.disk_usage(part.parent).free
    if total is not None and free < total - have + _SPARE_DISK:
        raise Conflict(
            f"{part.parent} has {free:,} bytes free, and {url} needs {total - have:,} more.",
            url=url,
        )


def _wait(seconds: float, url: str, cancelled: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if cancelled():
            raise Cancelled(f"Stopped while waiting to reach {url} again.", url=url)
        time.sleep(min(0.1, seconds))


def _origin_file(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _read_origin(part: Path) -> _Origin | None:
    try:
        return _Origin(**json.loads(_origin_file(part).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write_origin(part: Path, origin: _Origin) -> None:
    _origin_file(part).write_text(json.dumps(asdict(origin)))


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _words(error: httpx.TransportError) -> str:
    return str(error) or type(error).__name__
