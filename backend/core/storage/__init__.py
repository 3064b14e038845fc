"""Blobs on disk or in S3 behind one protocol."""

from backend.core.storage.blobs import BlobStore, ObjectBlobStore, StorageError, open_store
from backend.core.storage.failing import store_failure

__all__ = ["BlobStore", "ObjectBlobStore", "StorageError", "open_store", "store_failure"]
