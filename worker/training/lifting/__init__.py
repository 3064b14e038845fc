"""Joints in space from joints in an image: coordinates, networks, bodies without pictures."""
