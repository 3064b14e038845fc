"""JSON documents, element by element: a fast way for small ones, a bounded way for all."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson

from backend.domain.errors import TooLarge
from backend.domain.limits import MAX_JSON_BYTES
from backend.publishing.evaluation.faults import Faults
from backend.publishing.formats.foreign import advice_for_bytes
from backend.publishing.formats.json_stream import GZIP, JsonFault, JsonStream

_FAST_BYTES: Final = 128 << 20
"""Texts up to this size are parsed as a whole, which takes some ten times their size in memory."""

MAX_UNPACKED_BYTES: Final = MAX_JSON_BYTES
"""Largest text, once it is unpacked."""


@contextmanager
def members(path: Path, faults: Faults) -> Iterator[Iterator[tuple[str, Any]]]:
    """Names and values of a JSON object; a list is one member named "".

    Values that are lists may be iterators, to be read before the next member is drawn.

    Args:
        path: The file, also packed by gzip.
        faults: Names the file in errors.

    Raises:
        InvalidInput: there is no such file, or it is no JSON.
        TooLarge: it exceeds the limit.
    """
    try:
        _check(path, faults)
        whole = _whole(path)
        if whole is not None:
            yield _of_whole(whole, faults)
            return
        with path.open("rb") as file:
            yield _of_stream(JsonStream(file, max_bytes=MAX_UNPACKED_BYTES), faults)
    except JsonFault as error:
        raise faults.error(str(error)) from error
    except OSError as error:
        raise faults.error(f"it cannot be read ({error.strerror or error})") from error


def _check(path: Path, faults: Faults) -> None:
    if not path.is_file():
        raise faults.error("there is no such file")
    size = path.stat().st_size
    if size == 0:
        raise faults.error("the file is empty (0 bytes)")
    if size > MAX_JSON_BYTES:
        fault = (
            f"the file has {size / (1 << 20):,.0f} MiB, the limit is {MAX_JSON_BYTES >> 20:,} MiB"
        )
        raise TooLarge(f"{faults.file}: {fault}.", file=faults.file, fault=fault)
    with path.open("rb") as file:
        start = file.read(4096)
    advice = None if start.startswith(GZIP) else advice_for_bytes(start, path.name)
    if advice:
        raise faults.error(advice)


def _whole(path: Path) -> Any | None:
    """The document, or None where it is large, or needs the slow reader to say what is wrong."""
    if path.stat().st_size > _FAST_BYTES:
        return None
    data = path.read_bytes()
    if data.startswith(GZIP):
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(_FAST_BYTES + 1)
        except (OSError, EOFError, zlib.error):
            return None
        if len(data) > _FAST_BYTES:
            return None
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def _of_whole(document: Any, faults: Faults) -> Iterator[tuple[str, Any]]:
    if isinstance(document, list):
        yield "", document
    elif isinstance(document, dict):
        yield from document.items()
    else:
        raise faults.error("this is neither a JSON object nor a list")


def _of_stream(stream: JsonStream, faults: Faults) -> Iterator[tuple[str, Any]]:
    root = stream.root()
    if root == "array":
        yield "", stream.elements()
    elif root == "object":
        yield from stream.members()
    else:
        for _ in stream.elements():  # says what stands there instead
            pass


def elements(value: Any, name: str, faults: Faults) -> Iterable[Any]:
    """A member as a list.

    Raises:
        InvalidInput: it is none.
    """
    if isinstance(value, str | dict) or not isinstance(value, Iterable):
        raise faults.error(f"“{name}” is no list")
    return value
