"""Finding a body model by name: the shipped one, or one that the laboratory added."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core.database.tables import Body
from backend.core.storage import BlobStore
from backend.domain.errors import NotFound
from backend.multiview.bodies.model_file import OPEN_BODY, BodyModel, load_body, open_body


def find_model(session: Session, storage: BlobStore, name: str | None) -> BodyModel:
    """A body model, ready to be posed.

    Args:
        session: A session.
        storage: Where added models lie.
        name: Its name; None is the open infant body.

    Raises:
        NotFound: no body model has that name.
    """
    if name is None or name == OPEN_BODY:
        return open_body()
    row = session.scalar(select(Body).where(Body.name == name))
    if row is None:
        raise NotFound(f"There is no body model {name}; `infantnet bodies list` shows them.")
    return _read(storage, row.key, row.name, row.sha256)


_loaded: dict[str, BodyModel] = {}
_KEPT = 2


def _read(storage: BlobStore, key: str, name: str, sha256: str) -> BodyModel:
    """A stored model, kept in memory by its hash: a file of that hash never changes."""
    if sha256 in _loaded:
        return _loaded[sha256]
    path = storage.local_path(key)
    if path is not None and path.exists():
        model = load_body(path, name)
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "body.npz"
            storage.download(key, copy)
            model = load_body(copy, name)
    while len(_loaded) >= _KEPT:
        _loaded.pop(next(iter(_loaded)), None)
    _loaded[sha256] = model
    return model
