"""What leaves the house: exports and the formats that they are written in.

Belongs here: choosing what goes out, and writing it. A format is one module with one function.
Files that are measured against what went out are read here as well.
"""
