"""What people do to frames: joints and verdicts, boxes, marks and comments, and the stages.

Belongs here: whatever changes or judges the labels of a single frame, and the workflow around it.
Does not belong here: what needs several cameras (``multiview``), and what only reads across rooms
(``overview``).
"""
