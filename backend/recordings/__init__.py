"""Recordings: who may reach them, their facts, their import, frames and frame groups.

Belongs here: what a recording is made of before anybody labels it. Does not belong here: labels
(``labelling``), calibrations and fits (``multiview``), and pages over all of these (``overview``).
"""
