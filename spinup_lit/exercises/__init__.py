# spinup_lit/exercises/__init__.py: generated from book/practice/exercises.md; edit the chapter. sha256:4581b7f9d567fc5b
"""Exercises of the book: what is asked, checks, known answers, and a grader.

`python -m spinup_lit.exercises` is the command line.
"""
