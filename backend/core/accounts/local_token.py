"""A token file for the command line on the server's own machine.

Whoever can read the data folder could read the database as well, so the file gives nobody more
than they have; it spares them a log-in.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from backend.core.accounts import repository, service
from backend.domain.workflow import Role

NAME = "command line on the server"


def ensure_local_cli_token(session: Session, path: Path) -> Path | None:
    """Make sure that ``path`` holds a working token of an admin (else of a maintainer).

    The file is readable by its owner only. An earlier token of this kind is revoked when the file
    was lost or holds nothing useful.

    Returns:
        The path, or None while there is nobody yet whose token it could be.
    """
    if path.exists() and service.user_for_token(session, path.read_text().strip()) is not None:
        path.chmod(0o600)
        return path
    owner = repository.first_active_with_role(
        session, Role.ADMIN
    ) or repository.first_active_with_role(session, Role.MAINTAINER)
    if owner is None:
        return None
    repository.revoke_tokens_named(session, owner.id, NAME, datetime.now(UTC))
    _, secret = service.make_token(session, owner, NAME)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secret + "\n")
    draft.replace(path)
    return path
