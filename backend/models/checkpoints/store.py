"""The folder of checkpoints on this machine. No torch: the web server uses it, too.

Each checkpoint is a file beside a ``<name>.json`` that names it and tells its hash and where it
came from. A new file is moved beside the former one under a name of its own; then the description
is replaced, in one step; then the former file goes. Whatever is cut in between, the description
names a file that is whole. The rows of the database follow the descriptions, so that a file whose
row was never written is found again; what no description names is removed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.domain.errors import Conflict, InvalidInput, NotFound, WeightsMissing
from backend.models.checkpoints import registry
from backend.models.checkpoints.descriptions import (
    copy_file,
    describe,
    described_file,
    made_for,
    own_checkpoint,
    read_description,
)
from backend.models.checkpoints.download import discard, download
from backend.models.checkpoints.files import (
    Progress,
    check_checkpoint,
    never_cancelled,
    nothing_to_report,
    sha256_of,
)
from backend.models.checkpoints.known import KnownWeights
from backend.models.checkpoints.status import Source, Usable, WeightStatus

Statuses = list[WeightStatus]
Strays = list[KnownWeights]


class WeightStore:
    """Lists, fetches and adds checkpoints in one folder.

    Args:
        folder: Where they lie; made when the first one arrives.
        known: The checkpoints that may lie there, by name.
        retry_pause_seconds: First pause after a broken connection; it doubles each time.
    """

    def __init__(
        self,
        folder: Path,
        known: Mapping[str, KnownWeights] = registry.KNOWN,
        retry_pause_seconds: float = 1.0,
    ) -> None:
        self.folder = Path(folder)
        self.known = dict(known)
        self._pause = retry_pause_seconds

    def list(self) -> Statuses:
        """All known checkpoints, present or not, in the order in which they were given."""
        return [self.status(name) for name in self.known]

    def status(self, name: str) -> WeightStatus:
        """One checkpoint.

        Raises:
            NotFound: no checkpoint has that name.
        """
        known = self._look_up(name)
        path = self._file(known)
        described = self._read_description(known) if path.is_file() else None
        part = self._part(known)
        return WeightStatus(
            name=known.name,
            kind=known.kind,
            present=described is not None,
            path=path,
            bytes=path.stat().st_size if described else None,
            sha256=described["sha256"] if described else None,
            source=described["source"] if described else None,
            published=described["published"] if described else None,
            untrained=bool(described and described["untrained"]),
            partial_bytes=part.stat().st_size if part.is_file() else 0,
            expected_bytes=known.size,
            about=known.about,
            licence=known.licence,
            url=known.url,
            demonstration=known.demonstration,
            takes=known.used_with.takes if known.used_with else None,
            chosen=known.chosen,
        )

    def usable(self, name: str) -> Usable:
        """A checkpoint that must be here, with what it takes to load it.

        Raises:
            NotFound: no checkpoint has that name.
            WeightsMissing: it is not on this machine; the message says how to get it.
        """
        path = self.require(name)
        return Usable(self._look_up(name), path, self.status(name).sha256 or "")

    def require(self, name: str) -> Path:
        """The path of a checkpoint that must be here.

        Raises:
            NotFound: no checkpoint has that name.
            WeightsMissing: it is not on this machine; the message says how to get it.
        """
        status = self.status(name)
        if not status.present:
            if self._look_up(name).shipped is not None:
                raise WeightsMissing(
                    f"The checkpoint {name} comes with the product, but its file is missing: "
                    f"{status.path}. “make setup” puts it there (not with MODELS=0).",
                    name=name,
                )
            raise WeightsMissing(
                f"The checkpoint {name} is not on this machine. Download it with “infantnet "
                f"weights pull {name}”, or add a file that you already have with "
                f"“infantnet weights add {name} FILE”.",
                name=name,
            )
        return status.path

    def pull(
        self,
        name: str,
        progress: Progress = nothing_to_report,
        cancelled: Callable[[], bool] = never_cancelled,
        keep_former: bool = False,
    ) -> WeightStatus:
        """Download a checkpoint; nothing happens if the published file is here already.

        Args:
            name: The known name.
            progress: Told of the bytes fetched.
            cancelled: Asked between pieces.
            keep_former: Leave the former file to :meth:`sweep`.

        Raises:
            NotFound: no checkpoint has that name.
            Conflict: it is being fetched already, the server cannot be reached, or the disk is
                full. What arrived is kept for the next try.
            InvalidInput: what arrived is not the published file; it is removed. Or nobody publishes
                it: it is somebody's own.
            Cancelled: ``cancelled`` said so; what arrived is kept.
        """
        known = self._look_up(name)
        if known.own:
            raise InvalidInput(
                f"{name} was added here and is not published anywhere: add its file again.",
                name=name,
            )
        if known.shipped is not None:
            self.require(name)
            return self.status(name)
        with self._alone(known.name):
            status = self.status(name)
            if status.present and status.published:
                return status
            part = self._part(known)
            download(
                known.url,
                part,
                progress=progress,
                cancelled=cancelled,
                pause_seconds=self._pause,
            )
            try:
                untrained = check_checkpoint(part, known.url, known.architecture)
                digest = sha256_of(part, cancelled)
                if not digest.startswith(known.sha256):
                    raise InvalidInput(
                        f"{known.url} is not the published checkpoint {name}: its SHA-256 starts "
                        f"with {digest[:12]}, expected {known.sha256[:12]}. It was removed; a "
                        "proxy or a mirror may have changed it.",
                        file=known.url,
                        fault="wrong SHA-256",
                    )
            except InvalidInput:
                discard(part)
                raise
            self._settle(known, part, digest, "downloaded", untrained, keep_former)
        return self.status(name)

    def add(
        self,
        name: str,
        file: Path,
        *,
        progress: Progress = nothing_to_report,
        cancelled: Callable[[], bool] = never_cancelled,
        called: str | None = None,
        keep_former: bool = False,
    ) -> WeightStatus:
        """Copy a local file into the store under a known name, replacing what was there.

        A file other than the published one is taken, too (a fine-tuned model, say), and marked as
        not published. Its tensors must be those of the architecture; until all is checked, the
        former file stays.

        Args:
            name: The known name.
            file: The file; it stays where it is.
            progress: Told of the bytes copied.
            cancelled: Asked between megabytes.
            called: The name to use for the file in errors, for example of an upload.
            keep_former: Leave the former file to :meth:`sweep`, for a caller whose row still names
                it.

        Raises:
            NotFound: no checkpoint has that name.
            InvalidInput: the file is missing, damaged, no checkpoint, or another known checkpoint.
            Conflict: the name is being fetched right now, or it ships with the product.
            Cancelled: ``cancelled`` said so; nothing is left behind.
        """
        known = self._look_up(name)
        _refuse_shipped(known)
        called = called or str(file)
        if not file.is_file():
            raise InvalidInput(f"{called} is not a file.", file=called, fault="not a file")
        with self._alone(known.name):
            copy = self.folder / f".{known.file_name}.adding"
            try:
                copy_file(file, copy, progress, cancelled, called)
                untrained = check_checkpoint(copy, called, known.architecture)
                digest = sha256_of(copy, cancelled)
                self._refuse_other(known, digest, called)
                self._settle(known, copy, digest, "uploaded", untrained, keep_former)
            finally:
                copy.unlink(missing_ok=True)
        return self.status(name)

    def remove(self, name: str) -> None:
        """Delete a checkpoint and what an unfinished download left.

        Raises:
            NotFound: no checkpoint has that name.
            Conflict: it is being fetched right now, or it ships with the product.
        """
        known = self._look_up(name)
        _refuse_shipped(known)
        with self._alone(known.name):
            file = self._file(known)
            # The description first: a file that none names is swept, whatever is cut here.
            self._description(known).unlink(missing_ok=True)
            file.unlink(missing_ok=True)
            discard(self._part(known))

    def require_idle(self, name: str) -> None:
        """Check that a checkpoint is not being fetched or added.

        Raises:
            NotFound: no checkpoint has that name.
            Conflict: it is, right now.
        """
        with self._alone(self._look_up(name).name):
            pass

    def sweep(self) -> None:
        """Remove what an interrupted addition left: copies on their way, files of no description.

        A checkpoint that is being fetched or added right now is left alone, and so is every file
        whose name is none of this module's.
        """
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            name = made_for(path)
            if name is None:
                continue
            try:
                with self._alone(name):
                    if path.name != described_file(self.folder, name):
                        path.unlink(missing_ok=True)
            except Conflict:
                continue

    def strays(self) -> Strays:
        """Checkpoints of people's own that lie here whole and are not among the known ones."""
        found = []
        for path in sorted(self.folder.glob("*.json")) if self.folder.is_dir() else []:
            if path.stem in self.known or path.stem in registry.KNOWN:
                continue
            known = own_checkpoint(path)
            if known is not None and self._read_description(known) is not None:
                found.append(known)
        return found

    def _look_up(self, name: str) -> KnownWeights:
        if name not in self.known:
            raise NotFound(
                f"No checkpoint is called {name!r}; known are {', '.join(self.known)}.", name=name
            )
        return self.known[name]

    def _file(self, known: KnownWeights) -> Path:
        """Where the file lies, as its description says; where it would lie, if there is none."""
        return known.shipped or self.folder / (
            described_file(self.folder, known.name) or known.file_name
        )

    def _part(self, known: KnownWeights) -> Path:
        return self.folder / (known.file_name + ".part")

    def _description(self, known: KnownWeights) -> Path:
        return self.folder / (known.name + ".json")

    def _read_description(self, known: KnownWeights) -> dict[str, Any] | None:
        """What is written beside the file; None if it does not describe this very file."""
        if known.shipped is not None:
            size = known.shipped.stat().st_size
            if size != known.size:
                return None
            return {
                "sha256": known.sha256,
                "bytes": size,
                "source": "shipped",
                "published": True,
                "untrained": False,
            }
        return read_description(self._description(known), self._file(known))

    def _settle(
        self,
        known: KnownWeights,
        arrived: Path,
        digest: str,
        source: Source,
        untrained: bool,
        keep_former: bool,
    ) -> None:
        """Move a checked file into place, and only then let the former one go."""
        stem, _, suffix = known.file_name.rpartition(".")
        new = self.folder / f"{stem}.{digest[:12]}.{suffix}"
        former = self._file(known)
        description = describe(known, new, digest, arrived.stat().st_size, source, untrained)
        with arrived.open("rb") as stream:
            os.fsync(stream.fileno())
        arrived.replace(new)
        draft = self._description(known).with_suffix(".json.new")
        draft.write_text(json.dumps(description, indent=1))
        draft.replace(self._description(known))
        if keep_former:
            return
        if former != new:
            former.unlink(missing_ok=True)

    def _refuse_other(self, known: KnownWeights, digest: str, called: str) -> None:
        for other in self.known.values():
            if other.name != known.name and other.sha256 and digest.startswith(other.sha256):
                raise InvalidInput(
                    f"{called} is the checkpoint {other.name}, not {known.name}.",
                    file=called,
                    fault=f"is {other.name}",
                )

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Hold one checkpoint's lock. The system frees it if this process dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f".{name}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict(
                    f"{name} is being downloaded or added by somebody else right now.", name=name
                ) from error
            yield


def _refuse_shipped(known: KnownWeights) -> None:
    if known.shipped is not None:
        raise Conflict(
            f"{known.name} ships with the product and cannot be replaced or removed.",
            name=known.name,
        )
