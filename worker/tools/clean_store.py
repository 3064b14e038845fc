"""``infantnet tools clean-store``: metadata out of photographs that an earlier version stored."""

from __future__ import annotations

from functools import partial

from backend.cli.local import local_engine
from backend.cli.output import progress, say
from backend.core.database.session import transaction
from backend.core.settings import get_settings
from backend.core.storage import open_store
from worker.pipelines.bare_images import clean


def clean_store() -> None:
    """Take the metadata (place, time, camera) out of stored photographs, on the server's machine.

    Imports take it out by themselves, and so does the check of a release for what it selects. This
    is for photographs that were imported before that. Each is looked at once; it may be stopped
    and started again. The pixels stay as they are.

    \b
    Examples:
      infantnet tools clean-store
    """
    with local_engine() as engine, progress("Looking at photographs") as bar:
        found = clean(partial(transaction, engine), open_store(get_settings()), report=bar.update)
    say(
        f"{found.looked:,} photographs were looked at; metadata was taken out of {found.cleaned:,}."
    )
    if found.late:
        say(f"{found.late:,} files that a run which broke off had left behind were removed.")
    if found.left:
        say(
            f"{found.left:,} are as they were: their file is missing, is not the one that was"
            " imported, or cannot be read. The check of a release names them."
        )
