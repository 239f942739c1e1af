"""How answers are put to use, per day: code that runs beside an answer and knows nothing of what is expected.

A driver is named after its exercise and is called as `driver(answer, **inputs)`. An exercise without one is simply
called with its inputs in order. What a driver returns is reduced to plain data and judged elsewhere.
"""
