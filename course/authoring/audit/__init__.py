"""The audit: are the exercises' checks as strict, as fair and as truthful as their tasks?

Right answers are changed in the small ways in which people slip, and wrapped in ways that change nothing. What a
changed answer does on inputs that the check has not drawn tells whether the check's verdict on it is true.
"""
