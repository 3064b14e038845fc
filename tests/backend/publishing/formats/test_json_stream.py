"""JSON as a stream: any common encoding, and faults with their line."""

from __future__ import annotations

import gzip
import io
import json
from typing import Any

import pytest

from backend.publishing.formats.json_stream import JsonFault, JsonStream

DOCUMENT: dict[str, Any] = {"info": {"by": "Zoë 赤"}, "images": [{"id": 1}, {"id": 2}]}


def members(data: bytes, **limits: int) -> dict[str, Any]:
    stream = JsonStream(io.BytesIO(data), **limits)
    return {k: v if isinstance(v, dict | int) else list(v) for k, v in stream.members()}


ENCODED = {
    "UTF-8": json.dumps(DOCUMENT, ensure_ascii=False).encode(),
    "with a byte order mark": json.dumps(DOCUMENT).encode("utf-8-sig"),
    "UTF-16": json.dumps(DOCUMENT, ensure_ascii=False).encode("utf-16"),
    "UTF-16 of big ends": b"\xfe\xff" + json.dumps(DOCUMENT).encode("utf-16-be"),
    "UTF-16 without a mark": json.dumps(DOCUMENT, ensure_ascii=False).encode("utf-16-le"),
    "UTF-32": json.dumps(DOCUMENT).encode("utf-32"),
    "packed": gzip.compress(json.dumps(DOCUMENT).encode()),
    "packed UTF-16": gzip.compress(json.dumps(DOCUMENT, ensure_ascii=False).encode("utf-16")),
    "with line feeds of Windows": json.dumps(DOCUMENT, indent=1).replace("\n", "\r\n").encode(),
}


@pytest.mark.parametrize("data", ENCODED.values(), ids=ENCODED.keys())
def test_text_is_read_in_the_encoding_that_it_is_in(data: bytes) -> None:
    assert members(data) == DOCUMENT


def test_an_array_is_a_document_as_well() -> None:
    stream = JsonStream(io.BytesIO(b" [1, [2], {}]"))
    assert stream.root() == "array"
    assert list(stream.elements()) == [1, [2], {}]


FAULTS = {
    "a comma before a bracket": (
        b'{"a": [1,\n 2,]}',
        r"a\[2\]: a comma stands before the closing \], which JSON does not allow \(line 2, col",
    ),
    "a comma before a brace": (b'{"a": 1,\n}', r"a comma stands before the closing \}, .*\(line 2"),
    "a comma inside an element": (
        b'{"a": [{"b": [1, 2,]}]}',
        r"a\[0\]: a comma stands before the closing \], .* \(line 1, column 20\)",
    ),
    "single quotes": (
        b"{\"a\": [{'b': 1}]}",
        r"column 9\); this looks like Python",
    ),
    "Python's None": (b'{"a": [{"b": None}]}', r"looks like Python's notation"),
    "a comment": (b'{"a": [{ // here\n"b": 1}]}', r"JSON has no comments"),
    "one document per line": (b'{"a": 1}\n{"a": 2}', r"line 2, column 1\); a file of one JSON doc"),
    "a missing comma": (b'{"a": 1\n "b": 2}', r"after a: , or \} was expected, not \" \(line 2"),
    "Latin-1": ('{"a": "é"}'.encode("latin-1"), r"the text is not UTF-8 .*save it as UTF-8"),
    "half of a gzip file": (ENCODED["packed"][:40], r"the gzip file is damaged or cut off"),
    "gzip in gzip": (gzip.compress(ENCODED["packed"]), r"packed by gzip again: unpack it once"),
}


@pytest.mark.parametrize(("data", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_told_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(JsonFault, match=words):
        members(data)


def test_lines_are_counted_across_the_borders_of_pieces() -> None:
    rows = ",\n".join(json.dumps({"id": i, "text": "x" * 200}) for i in range(12_000))
    assert len(rows) > 2 << 20
    with pytest.raises(JsonFault, match=r"a\[12000\]: .*\(line 12002, column 2\)"):
        members(f'{{"a": [\n{rows},\n wrong]}}'.encode())


def test_what_swells_beyond_the_limit_is_refused() -> None:
    bomb = gzip.compress(b'{"a": [' + b" " * (8 << 20) + b"1]}")
    assert len(bomb) < 20_000
    with pytest.raises(JsonFault, match="larger than the limit once it is unpacked"):
        members(bomb, max_bytes=1 << 20)


@pytest.mark.parametrize(
    "element",
    [
        {"id": 1, "keypoints": [1.5, 2, 0], "segmentation": {"size": [3, 4], "counts": "abc"}},
        {"name": "a border in a text: }, {"},
        {"parts": [{"x": 1}, {"x": 2}, {"x": 3}]},
        {"big": 12345678901234567890123, "lone": "\ud800", "far": 1e300},
    ],
)
def test_elements_read_in_pieces_are_those_read_singly(element: dict[str, Any]) -> None:
    elements = [{**element, "number": number} for number in range(30_000)]
    data = json.dumps({"annotations": elements}, indent=None).encode()

    assert members(data) == {"annotations": elements}


def test_what_is_not_json_in_the_middle_of_a_piece_is_named_with_its_place() -> None:
    elements = ",\n".join(f'{{"id": {number}}}' for number in range(2_000))
    data = f'{{"annotations": [\n{elements.replace(": 1234}", ": None}")}\n]}}'.encode()

    with pytest.raises(JsonFault, match=r"annotations\[1234\].*line 1236"):
        members(data)
