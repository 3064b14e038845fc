"""Postures that a recording's joints show: from body fits where there are any, else from images."""
