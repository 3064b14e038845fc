"""Blobs on local disk or S3-compatible storage, chosen by one address.

Both go through ``obstore``, so a deployment on S3 runs the code that a laptop runs on its disk.
Only whole small files of a disk are read and written directly, which is far faster.
"""

from __future__ import annotations

import mimetypes
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError as StorageError
from obstore.store import LocalStore, S3Store

from backend.core.settings import Settings
from backend.core.storage.failing import NO_BUCKET, NoBucket
from backend.domain.errors import NotFound

__all__ = ["BlobStore", "ObjectBlobStore", "StorageError", "open_store"]

_CHUNK = 1024 * 1024
_PLAIN = re.compile(r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*")
"""Keys that are paths of a disk as they stand."""
_PATIENCE = timedelta(minutes=1)
"""So long a request to S3 is tried again: a page or a job that waits longer looks as if it hung."""
_DRAFT = re.compile(r".*#[0-9]+", re.DOTALL)
"""Names of files that are being written: ``obstore`` gives such, and lists none."""


class BlobStore(Protocol):
    """Immutable files under keys such as ``recordings/7/frames/ab12….jpg``."""

    def put(self, key: str, data: bytes | Path) -> None:
        """Store bytes, or a local file, under a key; whole or not at all."""
        ...

    def copy(self, key: str, to: str) -> None:
        """Store a blob under a second key as well, without moving its bytes where that can be.

        Raises:
            NotFound: there is no such blob.
        """
        ...

    def settle(self) -> None:
        """Return once all that was stored would outlive a power cut."""
        ...

    def read(self, key: str) -> bytes:
        """All bytes of a blob.

        Raises:
            NotFound: there is no such blob.
        """
        ...

    def stream(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Size in bytes and an iterator over chunks.

        Raises:
            NotFound: there is no such blob.
        """
        ...

    def stream_part(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """Chunks of the bytes from ``start`` up to, and without, ``stop``.

        Raises:
            NotFound: there is no such blob.
        """
        ...

    def local_path(self, key: str) -> Path | None:
        """Path of the blob where it lies on this machine's disk, else None."""
        ...

    def download(self, key: str, to: Path) -> None:
        """Copy a blob to a local file."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is such a blob."""
        ...

    def delete(self, key: str) -> None:
        """Remove a blob; nothing happens if there is none."""
        ...

    def delete_prefix(self, prefix: str) -> int:
        """Remove every blob under a folder-like prefix; returns how many."""
        ...


class ObjectBlobStore:
    """A blob store on ``obstore``.

    Args:
        store: Where the blobs lie.
        root: The folder on disk, for a local store.
    """

    def __init__(self, store: LocalStore | S3Store, root: Path | None = None) -> None:
        self._store = store
        self._root = root

    def put(self, key: str, data: bytes | Path) -> None:
        """Store bytes or a local file under a key; a partial write is never visible."""
        if self._root is not None and isinstance(data, bytes) and _PLAIN.fullmatch(key):
            try:
                _write_whole(self._root / key, data)
            except OSError:
                pass  # It is tried again below, which says what is wrong in the usual words.
            else:
                return
        kind = mimetypes.guess_type(key)[0]
        attributes = {"Content-Type": kind} if kind and self._root is None else None
        try:
            obstore.put(self._store, key, data, attributes=attributes)
        except FileNotFoundError as error:
            if self._root is None and not (isinstance(data, Path) and not data.exists()):
                raise NoBucket(str(error)) from error
            raise

    def copy(self, key: str, to: str) -> None:
        """Store a blob under a second key: a link on disk, a copy within S3.

        Where the disk knows no links, its bytes are written again.
        """
        try:
            obstore.copy(self._store, key, to)
        except FileNotFoundError as error:
            raise _absent(error, key) from error
        except StorageError:
            if self._root is None:
                raise
            self.put(to, self.read(key))

    def settle(self) -> None:
        """Have the disk write what it still holds in memory; S3 has, before it answers."""
        if self._root is not None:
            os.sync()

    def read(self, key: str) -> bytes:
        """All bytes of a blob."""
        if self._root is not None and _PLAIN.fullmatch(key):
            with suppress(OSError):
                return (self._root / key).read_bytes()
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except FileNotFoundError as error:
            raise _absent(error, key) from error

    def stream(self, key: str) -> tuple[int, Iterator[bytes]]:
        """Size in bytes and an iterator over chunks."""
        try:
            found = obstore.get(self._store, key)
        except FileNotFoundError as error:
            raise _absent(error, key) from error
        size = int(found.meta["size"])
        return size, (bytes(chunk) for chunk in found.stream(min_chunk_size=_CHUNK))

    def stream_part(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """Chunks of the bytes from ``start`` up to, and without, ``stop``."""
        for begin in range(start, stop, _CHUNK):
            end = min(begin + _CHUNK, stop)
            try:
                yield bytes(obstore.get_range(self._store, key, start=begin, end=end))
            except FileNotFoundError as error:
                raise _absent(error, key) from error

    def local_path(self, key: str) -> Path | None:
        """Path on this machine's disk, or None for S3."""
        return self._root / key if self._root is not None else None

    def download(self, key: str, to: Path) -> None:
        """Copy a blob to a local file."""
        _, chunks = self.stream(key)
        with to.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)

    def exists(self, key: str) -> bool:
        """Whether there is such a blob."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove a blob; nothing happens if there is none."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError as error:
            if NO_BUCKET in str(error):
                raise NoBucket(str(error)) from error

    def delete_prefix(self, prefix: str) -> int:
        """Remove every blob under a folder-like prefix, and what a killed writer left there."""
        removed = 0
        for batch in obstore.list(self._store, prefix=prefix):
            keys = [entry["path"] for entry in batch]
            if keys:
                obstore.delete(self._store, keys)
                removed += len(keys)
        if self._root is not None and prefix.endswith("/"):
            removed += _remove_drafts(self._root / prefix)
            _remove_empty_folders(self._root / prefix)
        return removed


def _absent(error: FileNotFoundError, key: str) -> Exception:
    """What an absent blob means: that there is none, or that not even its bucket is there."""
    if NO_BUCKET in str(error):
        return NoBucket(str(error))
    return NotFound(f"The stored file {key} is missing.", key=key)


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file that appears when it is whole.

    A third of the time that ``obstore`` takes for it. The draft's name is of the kind that it gives
    its own, which it never lists.
    """
    draft = path.with_name(f"{path.name}#{secrets.randbits(62)}")
    try:
        try:
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with open(file, "wb", buffering=0) as opened:
            rest = memoryview(data)
            while rest:
                rest = rest[opened.write(rest) :]
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _remove_drafts(folder: Path) -> int:
    """Remove files whose writer was killed: they hold pictures, and no list names them."""
    drafts = [path for path in folder.rglob("*#*") if _DRAFT.fullmatch(path.name)]
    for path in drafts:
        path.unlink(missing_ok=True)
    return len(drafts)


def _remove_empty_folders(folder: Path) -> None:
    """Remove a folder and those in it, where they are empty: names tell of what is gone."""
    for parent, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            os.rmdir(parent)


@lru_cache(maxsize=4)
def _open(
    url: str, endpoint: str | None, region: str, key: str | None, secret: str | None
) -> ObjectBlobStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        root = Path(unquote(parts.path))
        root.mkdir(parents=True, exist_ok=True)
        return ObjectBlobStore(LocalStore(prefix=root, mkdir=True), root)
    options: dict[str, object] = {"region": region}
    if endpoint:
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
    if key and secret:
        options |= {"access_key_id": key, "secret_access_key": secret}
    client = {"allow_http": True} if endpoint and endpoint.startswith("http://") else None
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        client_options=client,  # type: ignore[arg-type]
        retry_config={"retry_timeout": _PATIENCE},
        **options,  # type: ignore[arg-type]
    )
    return ObjectBlobStore(store)


def open_store(settings: Settings) -> ObjectBlobStore:
    """The store that the settings name, ``file:///folder`` or ``s3://bucket/prefix``."""
    secret = settings.s3_secret_access_key
    return _open(
        settings.storage,
        settings.s3_endpoint,
        settings.s3_region,
        settings.s3_access_key_id,
        secret.get_secret_value() if secret else None,
    )
