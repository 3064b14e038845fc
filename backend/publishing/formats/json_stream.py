"""Large JSON objects read member by member, so that memory holds one array element at a time.

A hand-written splitter finds the members of the top-level object and the elements of its arrays;
Python's own parser, in C, reads each element. Unlike the fast parsers it also takes NaN and
Infinity, so that the caller can say where in the file they stand.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

_CHUNK_BYTES: Final = 1 << 20
_WHITESPACE: Final = re.compile(r"[ \t\n\r]*")


class JsonFault(ValueError):
    """The text is no JSON, or not of the expected shape.

    Attributes:
        fault: What is wrong.
        where: Place in the document such as ``annotations[12]``, or an empty string.
    """

    def __init__(self, fault: str, where: str = "") -> None:
        super().__init__(f"{where}: {fault}" if where else fault)
        self.fault = fault
        self.where = where


class JsonObjectStream:
    """The members of one large JSON object, in the order of the file.

    Args:
        file: Binary file with UTF-8 text, at its beginning.
        max_element_chars: Largest allowed array element or plain member, in characters.
    """

    def __init__(self, file: BinaryIO, *, max_element_chars: int = 64 << 20) -> None:
        self._file = file
        self._limit = max_element_chars
        self._to_text = codecs.getincrementaldecoder("utf-8-sig")()
        self._parser = json.JSONDecoder()
        self._buffer = ""
        self._position = 0
        self._ended = False

    def members(self) -> Iterator[tuple[str, Iterator[Any] | Any]]:
        """Names and values; the value of an array is an iterator over its elements.

        An array must be read to its end, or is skipped, before the next member is drawn.

        Raises:
            JsonFault: no JSON, no object, or a name twice.
        """
        if self._peek() != "{":
            raise JsonFault("this is not a JSON object")
        self._position += 1
        seen: set[str] = set()
        if self._peek() == "}":
            self._position += 1
            self._expect_end()
            return
        while True:
            if self._peek() != '"':
                raise JsonFault("a member's name was expected", _after(seen))
            name = self._value("a member's name")
            if name in seen:
                raise JsonFault("the member is there twice", name)
            seen.add(name)
            self._expect(":", name)
            if self._peek() == "[":
                elements = self._elements(name)
                yield name, elements
                for _ in elements:
                    pass
            else:
                yield name, self._value(name)
            if self._expect(",}", name) == "}":
                break
        self._expect_end()

    def _elements(self, name: str) -> Iterator[Any]:
        self._position += 1
        if self._peek() == "]":
            self._position += 1
            return
        count = 0
        while True:
            where = f"{name}[{count}]"
            yield self._value(where)
            count += 1
            if self._expect(",]", where) == "]":
                return

    def _value(self, where: str) -> Any:
        """Parse one value at the position, reading on as long as it is not complete."""
        first = self._peek()
        wanted = _CHUNK_BYTES
        while True:
            fault = None
            try:
                value, end = self._parser.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                fault = f"{error.msg} (character {error.pos - self._position} of the value)"
            except RecursionError as error:
                raise JsonFault("nested too deeply", where) from error
            except ValueError as error:  # a number of thousands of digits
                raise JsonFault(str(error), where) from error
            else:
                # A number at the end of the buffer may go on in the next chunk.
                if end < len(self._buffer) or first in '{["' or self._ended:
                    self._position = end
                    return value
            if self._ended:
                raise JsonFault(fault or "the file ends too early", where)
            if len(self._buffer) - self._position > self._limit:
                raise JsonFault(f"larger than {self._limit >> 20} Mi characters", where)
            self._read(wanted)
            wanted *= 2

    def _read(self, count: int) -> None:
        data = self._file.read(count)
        self._ended = len(data) == 0
        try:
            text = self._to_text.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise JsonFault("the text is not UTF-8") from error
        self._buffer = self._buffer[self._position :] + text
        self._position = 0

    def _peek(self) -> str:
        """The next character that is not white space, or an empty string at the end."""
        while True:
            match = _WHITESPACE.match(self._buffer, self._position)
            self._position = match.end() if match else self._position
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if self._ended:
                return ""
            self._read(_CHUNK_BYTES)

    def _expect(self, characters: str, where: str) -> str:
        found = self._peek()
        if not found:
            raise JsonFault("the file ends too early", f"after {where}")
        if found not in characters:
            raise JsonFault(
                f"{' or '.join(characters)} was expected, not {found}", f"after {where}"
            )
        self._position += 1
        return found

    def _expect_end(self) -> None:
        if self._peek():
            raise JsonFault("there is more text behind the JSON object")


def _after(names: set[str]) -> str:
    return "" if not names else "after a comma"
