"""The text of a file of OpenCV's storage, or of JSON like it, as plain values and arrays."""

from __future__ import annotations

import json
import re
from typing import Any

import cv2
import numpy as np

from worker.calibration.texts import broken

_MAX_DEPTH = 100
_NESTING = re.compile(r"[\[{\]}]|</|/>|<(?=\w)")
_INDENTED = re.compile(r"^[ \t-]{400}", re.MULTILINE)


def parse(text: str, name: str) -> Any:
    """Mappings, lists, numbers, texts, and matrices as arrays.

    Args:
        text: YAML, XML or JSON.
        name: What to call the file.

    Raises:
        InvalidInput: it is none of them, or damaged.
        RecursionError: it is nested deeper than any file of cameras.
    """
    if text.lstrip().startswith(("{", "[")):
        try:
            return _numbers(json.loads(text))
        except ValueError as error:
            raise broken(name, f"not JSON: {error}") from error
    if text.lstrip().startswith("%YAML") or "opencv_storage" in text or "!!opencv" in text:
        if not text.lstrip().startswith(("%YAML", "<")):
            text = "%YAML:1.0\n---\n" + text.lstrip().removeprefix("---")
        return _storage(text, name)
    return _storage("%YAML:1.0\n---\n" + text.lstrip().removeprefix("---"), name)


def _numbers(value: Any) -> Any:
    """JSON in which OpenCV's own matrices are arrays."""
    if isinstance(value, dict):
        if {"rows", "cols", "data"} <= set(value):
            return np.asarray(value["data"], float).reshape(int(value["rows"]), int(value["cols"]))
        return {k: _numbers(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_numbers(v) for v in value]
    return value


def _check_depth(text: str) -> None:
    """OpenCV's reader goes down without a limit, and takes the process with it.

    Raises:
        RecursionError: the text is nested deeper than any file of cameras.
    """
    depth = 0
    for found in _NESTING.finditer(text):
        sign = found[0]
        depth += -1 if sign in ("]", "}", "</", "/>") else 1
        if depth > _MAX_DEPTH:
            raise RecursionError
    if _INDENTED.search(text):
        raise RecursionError


def _storage(text: str, name: str) -> Any:
    _check_depth(text)
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
        value = _node(storage.root())
        storage.release()
    except (cv2.error, SystemError) as error:
        # OpenCV names its own source lines; nobody who has a damaged file is helped by them.
        raise broken(
            name,
            "not a whole file of OpenCV's: is it cut off, or does a matrix hold another number of"
            " values than its rows and columns say?",
        ) from error
    return value


def _node(node: Any) -> Any:
    if node.isMap():
        keys = node.keys()
        # A stored matrix is a map to the file, an array to its readers.
        if {"rows", "cols", "data"} <= set(keys) or {"sizes", "dt", "data"} <= set(keys):
            return np.asarray(node.mat(), float)
        return {key: _node(node.getNode(key)) for key in keys}
    if node.isSeq():
        return [_node(node.at(i)) for i in range(node.size())]
    if node.isInt() or node.isReal():
        return node.real()
    return node.string() if node.isString() else None
