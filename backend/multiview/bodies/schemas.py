"""Bodies of the endpoints of body models."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from backend.core.jobs.schemas import Named


class BodyOut(BaseModel):
    """A body model that fits can use."""

    name: str
    version: str
    sha256: str
    """Of the body model file; fits and exports state it."""
    sha256_source: str
    """Of the licensed file that it was converted from; empty for the open body."""
    vertices: int
    joints: int
    betas: int
    licence: str
    about: str
    pose_prior_about: str
    is_open: bool
    rest_length_m: float
    created_at: datetime | None
    """Null for the body that ships with the product."""
    created_by: Named | None


class BodyAdd(BaseModel):
    """Finished uploads: the model, and its pose prior where there is one."""

    upload_id: int
    prior_upload_id: int | None = None
