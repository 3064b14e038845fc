"""Reads the pickles that SMPL-like models come in without running anything in them.

A pickle is a program. Here each name that it may refer to stands for an inert object of this file
that only remembers what it was given; every other name, every other opcode and every attempt to
reach beyond ends the reading. Neither numpy, scipy nor chumpy restores anything: arrays are decoded
afterwards from the remembered bytes, by :func:`array_of`.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput

MAX_BYTES = 512 * 1024 * 1024
_MAX_STEPS = 2_000_000
_KINDS = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"}


class Inert:
    """Remembers the state that a pickle gives to an object, and does nothing."""

    args: tuple[Any, ...] = ()
    state: Any = None

    def __init__(self, *args: Any) -> None:
        self.args = args

    def __setstate__(self, state: Any) -> None:
        self.state = state

    @property
    def fields(self) -> dict[str, Any]:
        """The state as names and values; {} where it is none."""
        state = self.state if isinstance(self.state, dict) else {}
        return {str(key): value for key, value in state.items()}


class _Dtype(Inert):
    """``numpy.dtype``."""


class _NdArray(Inert):
    """``numpy.ndarray``."""


class _Sparse(Inert):
    """A scipy sparse matrix."""


class _Rows(_Sparse):
    """Compressed by rows."""


class _Columns(_Sparse):
    """Compressed by columns."""


class _Triplets(_Sparse):
    """Row, column, value."""


class _Chumpy(Inert):
    """``chumpy.ch.Ch``: an array in the field x."""


class _Select(_Chumpy):
    """``chumpy.reordering.Select``: entries of another one."""


class Mahalanobis(Inert):
    """The class that SMIL's pose prior was pickled as."""


class _Object(Inert):
    """``object``: the base that old pickles name."""


class _Function:
    """A function that pickles may call; it makes inert objects only."""

    __slots__ = ("_make",)
    _make: Callable[..., Any]

    def __init__(self, make: Callable[..., Any]) -> None:
        object.__setattr__(self, "_make", make)

    def __call__(self, *args: Any) -> Any:
        return self._make(*args)

    def __setattr__(self, name: str, value: Any) -> None:
        raise pickle.UnpicklingError("it changes a function")

    def __setstate__(self, state: Any) -> None:
        raise pickle.UnpicklingError("it changes a function")


def _empty_array(kind: Any = None, *_: Any) -> _NdArray:
    if kind is not _NdArray:
        raise pickle.UnpicklingError("it restores an array as something else")
    return _NdArray()


def _bare(kind: Any = None, _base: Any = None, _state: Any = None) -> Inert:
    if not (isinstance(kind, type) and issubclass(kind, Inert)):
        raise pickle.UnpicklingError("it makes an object of an unknown class")
    return kind()


def _encoded(text: Any = "", encoding: Any = "latin1") -> bytes:
    # How Python 3 writes bytes for old protocols.
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError("it encodes something that is not text")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    # How Python 3 writes empty bytes for old protocols.
    return b""


def _from_buffer(data: Any = b"", dtype: Any = None, shape: Any = (), order: Any = "C") -> _NdArray:
    out = _NdArray()
    out.state = (1, shape, dtype, order == "F", bytes(data))
    return out


def _scalar(dtype: Any = None, data: Any = b"") -> _NdArray:
    out = _NdArray()
    out.state = (1, (), dtype, False, data)
    return out


def _names() -> dict[tuple[str, str], Any]:
    """Everything that a pickle may refer to, made anew for each reading."""
    names: dict[tuple[str, str], Any] = {
        ("numpy", "ndarray"): _NdArray,
        ("numpy", "dtype"): _Dtype,
        ("_codecs", "encode"): _Function(_encoded),
        ("chumpy.ch", "Ch"): _Chumpy,
        ("chumpy", "Ch"): _Chumpy,
        ("chumpy.reordering", "Select"): _Select,
    }
    for core in ("numpy.core", "numpy._core"):
        names[f"{core}.multiarray", "_reconstruct"] = _Function(_empty_array)
        names[f"{core}.multiarray", "scalar"] = _Function(_scalar)
        names[f"{core}.numeric", "_frombuffer"] = _Function(_from_buffer)
    for module in ("copy_reg", "copyreg"):
        names[module, "_reconstructor"] = _Function(_bare)
    for module in ("__builtin__", "builtins"):
        names[module, "object"] = _Object
        names[module, "set"] = Inert
        names[module, "bytes"] = _Function(_no_bytes)
    for dot in ("", "_"):
        names[f"scipy.sparse.{dot}csc", "csc_matrix"] = _Columns
        names[f"scipy.sparse.{dot}csr", "csr_matrix"] = _Rows
        names[f"scipy.sparse.{dot}coo", "coo_matrix"] = _Triplets
    return names


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO) -> None:
        # latin1 keeps the bytes of Python 2's strings; names are looked up as written.
        super().__init__(stream, fix_imports=False, encoding="latin1")
        self._names = _names()

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if global_name == "Mahalanobis":  # pickled from whatever script it was defined in
            return Mahalanobis
        found = self._names.get((module_name, global_name))
        if found is None and module_name.split(".")[0] == "chumpy":
            return Inert  # in entries that nobody reads: sums, transposes …
        if found is None:
            raise pickle.UnpicklingError(
                f"it refers to {module_name}.{global_name}, which no body model needs"
            )
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise pickle.UnpicklingError("it refers to something outside itself")


# Opcodes that build numbers, texts, containers and the objects above. Left out: persistent
# references, the extension registry, and buffers outside the file.
_NAMED = """
PROTO FRAME STOP MARK POP POP_MARK DUP GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE
NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT
STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8
UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8
EMPTY_LIST APPEND APPENDS LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_DICT DICT SETITEM
SETITEMS EMPTY_SET ADDITEMS FROZENSET GLOBAL STACK_GLOBAL REDUCE BUILD INST OBJ NEWOBJ NEWOBJ_EX
"""
_OPCODES = frozenset(_NAMED.split())


def _check_opcodes(data: bytes) -> None:
    """Read the program without running it.

    Raises:
        UnpicklingError: an opcode that no body model needs, or a number that would exhaust memory.
    """
    for step, (opcode, argument, _) in enumerate(pickletools.genops(data)):
        if opcode.name not in _OPCODES:
            raise pickle.UnpicklingError(f"it uses the instruction {opcode.name}")
        if step > _MAX_STEPS:
            raise pickle.UnpicklingError("it is a program far longer than a body model")
        # The reader reserves room for as many remembered objects as the largest number says.
        if "PUT" in opcode.name and int(argument or 0) > 2 * step + 1000:
            raise pickle.UnpicklingError("its numbering of objects would exhaust memory")


def read_pickle(path: Path, called: str | None = None) -> Any:
    """What a pickle holds: numbers, texts, containers and :class:`Inert` objects.

    Args:
        path: The file.
        called: The name to use for it in errors, for example of an upload.

    Raises:
        InvalidInput: it is not a pickle, is damaged, or wants anything but plain data; nothing of
            it was run.
    """
    called = called or path.name
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _wrong(called, f"it has more than {MAX_BYTES >> 20} MiB")
        data = path.read_bytes()
        _check_opcodes(data)
        return _Unpickler(io.BytesIO(data)).load()
    except OSError as error:
        raise _wrong(called, f"it cannot be opened ({error.strerror})") from error
    except (
        pickle.UnpicklingError,
        ValueError,
        TypeError,
        AttributeError,
        KeyError,
        IndexError,
        EOFError,
        OverflowError,
        MemoryError,
    ) as error:
        reason = str(error) if isinstance(error, pickle.UnpicklingError) else "it is damaged"
        raise _wrong(called, reason or "it is not a pickle") from error


def array_of(value: Any, called: str, name: str) -> NDArray[Any]:
    """The array that a value of :func:`read_pickle` stands for.

    Args:
        value: An inert array, sparse matrix or chumpy object.
        called: The file, for errors.
        name: The entry, for errors.

    Raises:
        InvalidInput: it is no array of numbers, or its parts contradict each other.
    """
    try:
        return _decode(value, 0)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, OverflowError) as error:
        raise _wrong(called, f"its entry “{name}” is not an array of numbers ({error})") from error


def _decode(value: Any, depth: int) -> NDArray[Any]:
    if depth > 4:
        raise ValueError("nested too deeply")
    if isinstance(value, _NdArray):
        return _decode_array(value)
    if isinstance(value, _Sparse):
        return _decode_sparse(value, depth)
    if isinstance(value, _Select):
        source = _decode(value.fields["a"], depth + 1).ravel()
        chosen = source[_decode(value.fields["idxs"], depth + 1).ravel().astype(np.int64)]
        shape = value.fields.get("preferred_shape")
        if isinstance(shape, Inert):
            shape = _decode(shape, depth + 1).astype(int).tolist()
        return chosen if shape is None else chosen.reshape(_lengths(shape))
    if isinstance(value, _Chumpy):
        return _decode(value.fields["x"], depth + 1)
    if isinstance(value, list | tuple | int | float):
        out = np.asarray(value)
        if out.dtype.kind in "fiub":
            return out
    raise TypeError(f"is a {type(value).__name__.strip('_').lower()}")


def _decode_array(value: _NdArray) -> NDArray[Any]:
    _, shape, dtype, fortran, raw = value.state
    if not isinstance(dtype, _Dtype):
        raise TypeError("its type is not a dtype")
    code = str(dtype.args[0]).lstrip("<>=|")
    order = str(dtype.state[1]) if isinstance(dtype.state, tuple) else "<"
    if code not in _KINDS:
        raise TypeError(f"it holds {code}")
    data = raw.encode("latin1") if isinstance(raw, str) else bytes(raw)
    flat = np.frombuffer(data, np.dtype((">" if order == ">" else "<") + code))
    return flat.reshape(_lengths(shape), order="F" if fortran else "C").astype(code)


def _lengths(shape: Any) -> tuple[int, ...]:
    lengths = tuple(int(n) for n in shape)
    if any(n < 0 for n in lengths):
        raise ValueError("a negative length")
    return lengths


def _decode_sparse(value: _Sparse, depth: int) -> NDArray[Any]:
    f = value.fields
    rows, columns = _lengths(f["_shape"] if "_shape" in f else f["shape"])
    if rows * columns > 50_000_000:
        raise ValueError(f"{rows} × {columns} is too large")
    data = _decode(f["data"], depth + 1)
    out = np.zeros((rows, columns))
    if isinstance(value, _Triplets):
        places = f["coords"] if "coords" in f else (f["row"], f["col"])
        i, j = (_decode(place, depth + 1).astype(np.int64) for place in places)
    else:
        inner = _decode(f["indices"], depth + 1).astype(np.int64)
        starts = _decode(f["indptr"], depth + 1).astype(np.int64)
        if len(starts) != (rows if isinstance(value, _Rows) else columns) + 1:
            raise ValueError("indptr has the wrong length")
        outer = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        i, j = (outer, inner) if isinstance(value, _Rows) else (inner, outer)
    if len(i) and (min(i.min(), j.min()) < 0):
        raise ValueError("a negative index")
    np.add.at(out, (i, j), data)
    return out


def _wrong(called: str, fault: str) -> InvalidInput:
    return InvalidInput(f"{called} was not read: {fault}.", file=called, fault=fault)
