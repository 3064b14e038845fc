"""SLEAP: labels in an HDF5 file."""
