"""CVAT: its XML of images and videos, and the JSON of its backups."""
