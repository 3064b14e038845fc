"""Text that Postgres can store: cleaned where it is written down.

File names, metadata and error messages come from outside. A lone surrogate (half of a UTF-16 pair,
which Python makes of bytes that are no UTF-8) has no UTF-8 form, and Postgres stores no NUL. Both
become U+FFFD, the replacement character, so that a text that cannot be stored never costs the row
that it explains.
"""

from __future__ import annotations

import re
from typing import Any

from psycopg import adapters
from psycopg.types.string import StrDumper, StrDumperUnknown

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")


def storable(text: str) -> str:
    """The text with every NUL and lone surrogate replaced by U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def storable_json(value: Any) -> Any:
    """The same for all strings and keys of a JSON value."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable_json(key): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value


def _without_lone(text: str) -> str:
    # NUL stays: in what a person sends it is refused with words, never stored as something else.
    return text if text.isascii() else _LONE.sub("\ufffd", text)


class _Clean(StrDumper):
    def dump(self, obj: str) -> Any:
        return super().dump(_without_lone(obj))


class _CleanUnknown(StrDumperUnknown):
    def dump(self, obj: str) -> Any:
        return super().dump(_without_lone(obj))


def install() -> None:
    """Let every connection of this process clean the text that it sends."""
    adapters.register_dumper(str, _Clean)
    adapters.register_dumper(str, _CleanUnknown)
