"""Blobs on disk or in S3 behind one protocol."""

from backend.core.storage.blobs import BlobStore, ObjectBlobStore, open_store

__all__ = ["BlobStore", "ObjectBlobStore", "open_store"]
