"""Where the files of a recording lie in the store."""

from __future__ import annotations

from backend.core.storage import BlobStore


def folders_of(recording_id: int) -> tuple[str, ...]:
    """All folders that hold anything of a recording.

    Surfaces of body fits lay in a folder of their own before they went to the other files.
    """
    return f"recordings/{recording_id}/", f"fits/{recording_id}/"


def remove_files(storage: BlobStore, recording_id: int) -> int:
    """Remove every file of a recording; returns how many."""
    return sum(storage.delete_prefix(folder) for folder in folders_of(recording_id))
