"""Postures from images and from joints: the AIMS classification of infants."""
