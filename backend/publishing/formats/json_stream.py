"""One JSON document as a stream, element by element, whatever its size.

COCO files reach gigabytes; their size lies in a few long arrays. The text is decoded piece by
piece. A fast parser reads the elements of a piece at once; what it refuses is left to Python's
own, which also takes NaN and Infinity, so that the caller can say where in the file they stand, and
whole numbers of any length; and what is no JSON is read element by element, to say where.

UTF-8 and UTF-16, with or without a byte order mark, and gzip are read.
"""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final, Literal

import numpy as np
import orjson

_CHUNK_BYTES: Final = 1 << 18
"""What is made of a piece is gone before the next one, and stays in the processor's caches."""
_WHITESPACE: Final = re.compile(r"[ \t\n\r]*")
_BETWEEN: Final = re.compile(r"\}[ \t\n\r]*,[ \t\n\r]*\{")
_TAIL_CHARS: Final = 1 << 16
"""In so much of a piece's end the last border between two objects is looked for."""
_FEW_CHARS: Final = 4 << 10
"""Less text is not worth being read at once."""
_SINGLE_AT_FIRST: Final = 8
"""So many elements of an array are read singly: often only the first is wanted."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"{\0", "utf-16-le"),
    (b"[\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
    (b"\0[", "utf-16-be"),
)
_BEFORE_NUMBERS: Final = np.isin(np.arange(256), list(b" \t\n\r[,:-"))
GZIP: Final = b"\x1f\x8b"


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


class JsonStream:
    """The members of one large JSON object, or the elements of one array, in the file's order.

    Args:
        file: Binary file, at its beginning.
        max_element_chars: Largest allowed array element or plain member, in characters.
        max_bytes: Largest allowed text once unpacked.

    Raises:
        JsonFault: while reading, wherever the text is no JSON.
    """

    def __init__(
        self, file: BinaryIO, *, max_element_chars: int = 64 << 20, max_bytes: int = 1 << 62
    ) -> None:
        start = file.read(4)
        file.seek(-len(start), 1)
        self._file: Any = file
        if start.startswith(GZIP):
            self._file = gzip.GzipFile(fileobj=file)
            start = self._unpacked(4)
            if start.startswith(GZIP):
                raise JsonFault("what the gzip file holds is packed by gzip again: unpack it once")
            self._file.seek(0)
        encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
        self._encoding = encoding.removesuffix("-sig").upper()
        self._to_text = codecs.getincrementaldecoder(encoding)()
        self._limit = max_element_chars
        self._bytes_left = max_bytes
        self._parser = json.JSONDecoder()
        self._buffer = ""
        self._position = 0
        self._ended = False
        self._line, self._column = 1, 1

    def root(self) -> Literal["object", "array", "other"]:
        """What the document is, by its first character."""
        first = self._peek()
        return "object" if first == "{" else "array" if first == "[" else "other"

    def members(self) -> Iterator[tuple[str, Iterator[Any] | Any]]:
        """Names and values of an object; the value of an array is an iterator over its elements.

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
                raise self._unexpected("a member's name was expected", _after(seen))
            name = self._value("a member's name")
            if name in seen:
                raise JsonFault("the member occurs twice", name)
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

    def elements(self) -> Iterator[Any]:
        """The elements of an array that is the whole document.

        Raises:
            JsonFault: no JSON, or no array.
        """
        if self._peek() != "[":
            raise JsonFault("this is not a JSON array")
        yield from self._elements("")
        self._expect_end()

    def _elements(self, name: str) -> Iterator[Any]:
        self._position += 1
        if self._peek() == "]":
            self._position += 1
            return
        count = 0
        at_once = True
        while True:
            where = f"{name}[{count}]"
            if count and self._peek() == "]":
                raise self._unexpected("an element was expected", where)
            block = self._block() if at_once and count >= _SINGLE_AT_FIRST else None
            if block is None:
                yield self._value(where)
                count += 1
            else:
                yield from block
                count += len(block)
                at_once = bool(block)
                if not block:
                    continue
            if self._expect(",]", f"{name}[{count - 1}]") == "]":
                return

    def _block(self) -> list[Any] | None:
        """The objects that lie whole in the buffer; None where they are to be read singly.

        The text up to the last ``}, {`` is taken for a list. If that is none, the array may have
        ended before, and less of the text is tried. If the border lies within an element, the
        answer is an empty one: nothing was read, and borders tell nothing in this array.
        """
        if self._peek() != "{":
            return None
        end = self._last_border()
        if end is None and not self._ended and len(self._buffer) - self._position < _CHUNK_BYTES:
            self._read(_CHUNK_BYTES)
            end = self._last_border()
        if end is None:
            return None
        while end is not None:
            block = self._list(f"[{self._buffer[self._position : end]}]")
            if block is not None:
                self._position = end
                return block
            half = (end - self._position) // 2
            end = self._last_border(self._position + half) if half > _FEW_CHARS else None
        return []

    def _list(self, text: str) -> list[Any] | None:
        """A text as a list; None where it is none."""
        block = _quickly(text)
        if block is None:
            try:
                block = self._parser.decode(text)
            except (ValueError, RecursionError):
                return None
        return block

    def _last_border(self, before: int | None = None) -> int | None:
        """Where the last object ends that has another one behind it, by default in the buffer."""
        end = len(self._buffer) if before is None else before
        tail = max(self._position, end - _TAIL_CHARS)
        borders = [border.start() for border in _BETWEEN.finditer(self._buffer, tail, end)]
        return borders[-1] + 1 if borders else None

    def _value(self, where: str) -> Any:
        """Parse one value at the position, reading on as long as it is not complete."""
        first = self._peek()
        wanted = _CHUNK_BYTES
        while True:
            fault = None
            try:
                value, end = self._parser.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as error:
                fault = self._decode_fault(error, where)
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
                raise fault or JsonFault("the file ends too early", where)
            if len(self._buffer) - self._position > self._limit:
                raise JsonFault(f"larger than {self._limit >> 20} Mi characters", where)
            self._read(wanted)
            wanted *= 2

    def _decode_fault(self, error: json.JSONDecodeError, where: str) -> JsonFault:
        character = self._buffer[error.pos : error.pos + 1]
        before = self._buffer[self._position : error.pos].rstrip()
        hint = ""
        if character in ("]", "}") and before.endswith(","):
            return JsonFault(
                f"a comma stands before the closing {character}, which JSON does not allow"
                f" ({self._place(error.pos)})",
                where,
            )
        if character == "'" or self._buffer.startswith(("None", "True", "False"), error.pos):
            hint = "; this looks like Python's notation, write the file with json.dump"
        elif self._buffer.startswith(("//", "/*"), error.pos):
            hint = "; JSON has no comments"
        return JsonFault(f"{error.msg} ({self._place(error.pos)}){hint}", where)

    def _place(self, position: int) -> str:
        passed = self._buffer[:position]
        lines = passed.count("\n")
        column = position - passed.rfind("\n") if lines else self._column + position
        return f"line {self._line + lines}, column {column}"

    def _read(self, count: int) -> None:
        data = self._unpacked(count)
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise JsonFault("the text is larger than the limit once it is unpacked")
        self._ended = len(data) == 0
        try:
            text = self._to_text.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise JsonFault(
                f"the text is not {self._encoding} ({self._place(len(self._buffer))} or "
                "later); save it as UTF-8"
            ) from error
        passed = self._buffer[: self._position]
        lines = passed.count("\n")
        self._line += lines
        self._column = len(passed) - passed.rfind("\n") if lines else self._column + len(passed)
        self._buffer = self._buffer[self._position :] + text
        self._position = 0

    def _unpacked(self, count: int) -> bytes:
        try:
            data: bytes = self._file.read(count)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise JsonFault("the gzip file is damaged or cut off") from error
        return data

    def _peek(self) -> str:
        """The next character that is not white space, or an empty string at the end."""
        while True:
            if self._position < len(self._buffer):
                first = self._buffer[self._position]
                if first not in " \t\n\r":
                    return first
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
            raise self._unexpected(f"{' or '.join(characters)} was expected", f"after {where}")
        self._position += 1
        return found

    def _unexpected(self, expected: str, where: str) -> JsonFault:
        found = self._peek()
        if not found:
            return JsonFault("the file ends too early", where)
        place = self._place(self._position)
        if found in "]}":
            return JsonFault(
                f"a comma stands before the closing {found}, which JSON does not allow ({place})",
                where,
            )
        return JsonFault(f"{expected}, not {found} ({place})", where)

    def _expect_end(self) -> None:
        found = self._peek()
        if found:
            hint = "; a file of one JSON document per line is not COCO" if found in "{[" else ""
            raise JsonFault(
                f"there is more text behind the JSON document ({self._place(self._position)}){hint}"
            )


def _quickly(text: str) -> list[Any] | None:
    """A list by the fast parser; None where that refuses it, or would read it otherwise."""
    data = text.encode()
    if _has_long_numbers(data):
        return None
    try:
        elements: list[Any] = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return elements


def _has_long_numbers(data: bytes) -> bool:
    """Whether there may be a whole number beyond 64 bits: nineteen digits where a number begins.

    Run lengths of masks are texts that hold many digits in a row, and are no reason to be slow.
    """
    read = np.frombuffer(data, np.uint8)
    rows = (read - np.uint8(48)) < 10
    for step in (1, 2, 4, 8):
        rows = rows[:-step] & rows[step:]
    # Now each tells of sixteen in a row; 2**63 has nineteen digits.
    rows = rows[:-3] & rows[3:]
    begins = np.flatnonzero(rows[1:] & ~rows[:-1])
    return bool(_BEFORE_NUMBERS[read[begins]].any())


def _after(names: set[str]) -> str:
    return "" if not names else "after a comma"
