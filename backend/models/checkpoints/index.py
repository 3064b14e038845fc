"""The index of a checkpoint: which tensors it holds, read without running anything that lies in it.

A PyTorch checkpoint is a zip archive of plain, uncompressed members: ``data.pkl``, a pickle that
tells the tensors' names and shapes, and one member per storage of numbers. Before PyTorch 1.6 it
was a row of pickles in one file. A pickle is a program; here every name that it may refer to stands
for an inert object, names that no training framework writes end the reading, and so does a pickle
that is too large or too long. No number is read, so the web server can afford it.
"""

from __future__ import annotations

import io
import pickle
import pickletools
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from backend.domain.errors import InvalidInput

MAX_INDEX_BYTES: Final = 64 * 2**20
MAX_STEPS: Final = 5_000_000
MAX_MEMBERS: Final = 100_000
_CHUNK: Final = 1 << 20
_ARCHIVE_MAGIC: Final = b"PK\x03\x04"
_OLD_MAGIC: Final = b"\x80\x02"
_OLD_NUMBER: Final = 0x1950A86A20F9469CFC6C
_NESTED: Final = ("state_dict", "model", "model_state_dict")
"""Where frameworks put the tensors: mmengine, SAM 2, others."""
_LIFELESS: Final = frozenset(
    {
        "__builtin__", "_codecs", "addict", "argparse", "builtins", "collections", "datetime",
        "mmcv", "mmdet", "mmengine", "mmpose", "numpy", "pathlib",
    }
)  # fmt: skip
_CALLS_OUT: Final = frozenset({"INST", "EXT1", "EXT2", "EXT4"})
_ITEM_BYTES: Final = {
    "DoubleStorage": 8, "FloatStorage": 4, "HalfStorage": 2, "BFloat16Storage": 2,
    "LongStorage": 8, "IntStorage": 4, "ShortStorage": 2, "CharStorage": 1, "ByteStorage": 1,
    "BoolStorage": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorShape:
    """One tensor as the index tells it.

    Attributes:
        shape: Its sizes.
        storage: The member that holds its numbers.
        bytes: How many bytes of that member it needs at least; 0 where the kind is unknown.
    """

    shape: tuple[int, ...]
    storage: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Index:
    """What a checkpoint holds.

    Attributes:
        tensors: Names and shapes.
        meta: Names in its ``meta``, where there is such a dictionary.
    """

    tensors: Mapping[str, TensorShape]
    meta: frozenset[str]


class _Inert:
    """Stands for anything that is no tensor: can be made, called and filled, and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *_: Any, **__: Any) -> _Inert:
        return self

    def __setstate__(self, _: Any) -> None:
        pass

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def append(self, _: Any) -> None:
        pass

    def extend(self, _: Any) -> None:
        pass


class _Storage(_Inert):
    """A kind of storage, by the name of its class."""

    def __init__(self, name: str) -> None:
        self.name = name


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A storage: the member's name, how many numbers, how large each."""

    key: str
    count: int
    item: int


class _Fields(dict[Any, Any]):
    """A dictionary that may be given a state, as an ordered one is."""

    def __setstate__(self, _: Any) -> None:
        pass


def _tensor(storage: Any, _offset: Any, size: Any, *_: Any) -> TensorShape:
    numbers = isinstance(storage, _Numbers)
    if not numbers or not isinstance(size, tuple) or not all(type(n) is int for n in size):
        raise pickle.UnpicklingError("it makes a tensor of something else")
    count = 1
    for n in size:
        if not 0 <= n < 2**31:
            raise pickle.UnpicklingError(f"it makes a tensor of size {n}")
        count *= n
    return TensorShape(size, storage.key, min(count, storage.count) * storage.item)


def _parameter(tensor: Any, *_: Any) -> Any:
    return tensor


def _size(*values: Any) -> tuple[Any, ...]:
    return tuple(values[0]) if values and isinstance(values[0], tuple | list) else ()


class _Call:
    """A function that the pickle may call."""

    __slots__ = ("_act",)

    def __init__(self, act: Any) -> None:
        self._act = act

    def __call__(self, *arguments: Any) -> Any:
        return self._act(*arguments)


_TAKEN: Final[Mapping[tuple[str, str], Any]] = {
    ("collections", "OrderedDict"): _Call(_Fields),
    ("torch", "Size"): _Call(_size),
    ("torch._utils", "_rebuild_tensor_v2"): _Call(_tensor),
    ("torch._utils", "_rebuild_parameter"): _Call(_parameter),
}


class _Reader(pickle.Unpickler):
    """Reads a pickle without looking up any name that it does not know."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        taken = _TAKEN.get((module_name, global_name))
        if taken is not None:
            return taken
        if module_name == "torch" and global_name.isidentifier():
            return _Storage(global_name)  # a kind of storage or of number
        if module_name.partition(".")[0] in _LIFELESS:
            return _Inert
        raise pickle.UnpicklingError(f"it refers to {module_name}.{global_name}")

    def persistent_load(self, pid: Any, /) -> Any:
        if not (isinstance(pid, tuple) and len(pid) >= 5 and pid[0] == "storage"):
            raise pickle.UnpicklingError("it refers to something that is not a storage")
        _, kind, key, _, count = pid[:5]
        if not isinstance(kind, _Storage) or type(count) is not int or count < 0:
            raise pickle.UnpicklingError("it refers to a storage of an unknown kind")
        return _Numbers(str(key), count, _ITEM_BYTES.get(kind.name, 0))


def _read_pickle(data: bytes) -> tuple[Any, int]:
    """One object, and how many bytes of ``data`` it took."""
    end = 0
    for step, (opcode, argument, place) in enumerate(pickletools.genops(data)):
        if step > MAX_STEPS:
            raise pickle.UnpicklingError("it is too long")
        if opcode.name in _CALLS_OUT:
            raise pickle.UnpicklingError(f"it uses {opcode.name}")
        if opcode.name in ("LONG", "LONG1", "LONG4") and abs(int(str(argument) or 0)) >= 2**512:
            raise pickle.UnpicklingError("it contains an impossible number")
        end = (place or 0) + 1
    return _Reader(io.BytesIO(data[:end])).load(), end


def _describe(content: Any, called: str) -> Index:
    meta: frozenset[str] = frozenset()
    if isinstance(content, dict):
        if isinstance(told := content.get("meta"), dict):
            meta = frozenset(str(key) for key in told)
        for key in _NESTED:
            if isinstance(content.get(key), dict):
                content = content[key]
                break
        tensors = {
            str(name).removeprefix("module."): value
            for name, value in content.items()
            if isinstance(value, TensorShape)
        }
        if tensors:
            return Index(tensors, meta)
    raise InvalidInput(
        f"{called} is not a model checkpoint: it holds no named tensors.",
        file=called,
        fault="no tensors",
    )


def read_index(path: Path, called: str) -> Index:
    """Check that a file is a whole PyTorch checkpoint, and tell which tensors it holds.

    Memory stays below a few times :data:`MAX_INDEX_BYTES` whatever the file says of itself.

    Args:
        path: The file.
        called: The name to use for the file in errors.

    Raises:
        InvalidInput: not a checkpoint, cut off, damaged, holding code, or absurd.
    """
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
            if start.startswith(_ARCHIVE_MAGIC):
                return _of_archive(path, called)
            if start.startswith(_OLD_MAGIC):
                return _of_row(stream, called)
    except pickle.UnpicklingError as error:
        raise InvalidInput(
            f"{called} was not accepted: its index is not that of a model ({error}).",
            file=called,
            fault="unusable index",
        ) from error
    except (
        zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, KeyError,
        IndexError, TypeError, AttributeError, OverflowError, MemoryError, RecursionError,
    ) as error:  # fmt: skip
        raise InvalidInput(
            f"{called} is cut off or damaged: {error}.", file=called, fault="damaged"
        ) from error
    page = start.lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml"))
    raise InvalidInput(
        f"{called} is not a PyTorch checkpoint but {'a web page' if page else 'something else'}.",
        file=called,
        fault="not a checkpoint",
    )


def _of_archive(path: Path, called: str) -> Index:
    whole = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _refuse_packed(members, whole, called)
        pickles = [member for member in members if member.filename.endswith("data.pkl")]
        if not pickles:
            raise InvalidInput(
                f"{called} is a zip archive but not a PyTorch checkpoint (no data.pkl in it).",
                file=called,
                fault="not a checkpoint",
            )
        for member in members:
            _check_sum(archive, member, called)
        index = _describe(_read_pickle(archive.read(pickles[0]))[0], called)
        folder = pickles[0].filename.removesuffix("data.pkl")
        sizes = {member.filename: member.file_size for member in members}
    for name, tensor in index.tensors.items():
        there = sizes.get(f"{folder}data/{tensor.storage}")
        if there is None or there < tensor.bytes:
            raise InvalidInput(
                f"{called} is cut off or damaged: the numbers of {name} are missing.",
                file=called,
                fault="damaged",
            )
    return index


def _refuse_packed(members: list[zipfile.ZipInfo], whole: int, called: str) -> None:
    """PyTorch stores members as they are: what unpacks to more than it takes is no checkpoint."""
    unpacked = sum(member.file_size for member in members)
    packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
    if packed or unpacked > whole or len(members) > MAX_MEMBERS:
        raise InvalidInput(
            f"{called} is a compressed archive, which no checkpoint is: {whole:,} bytes would"
            f" become {unpacked:,}.",
            file=called,
            fault="compressed archive",
        )
    for member in members:
        if member.filename.endswith("data.pkl") and member.file_size > MAX_INDEX_BYTES:
            raise InvalidInput(
                f"{called}: its index of {member.file_size:,} bytes is larger than that of any"
                " model.",
                file=called,
                fault="unusable index",
            )


def _check_sum(archive: zipfile.ZipFile, member: zipfile.ZipInfo, called: str) -> None:
    try:
        with archive.open(member) as stream:
            while stream.read(_CHUNK):
                pass
    except zipfile.BadZipFile as error:
        raise InvalidInput(
            f"{called} is damaged: {member.filename} in it does not match its checksum.",
            file=called,
            fault="damaged",
        ) from error


def _of_row(stream: IO[bytes], called: str) -> Index:
    """The form before PyTorch 1.6: a number, a version, facts of the machine, then the content."""
    stream.seek(0)
    data = stream.read(MAX_INDEX_BYTES)
    objects: list[Any] = []
    for content in _row(data):
        objects.append(content)
        if len(objects) == 1 and content != _OLD_NUMBER:
            raise pickle.UnpicklingError("it does not begin as one of PyTorch's")
        if len(objects) == 4:
            return _describe(content, called)
    raise EOFError("it ends before its content")


def _row(data: bytes) -> Iterator[Any]:
    place = 0
    while place < len(data):
        content, taken = _read_pickle(data[place:])
        yield content
        place += taken
