# spinup_lit/exercises/known/__init__.py: generated from book/practice/exercises.md; edit the chapter. sha256:37c4c1aca37835f2
"""Answers that are known beforehand, right and wrong, a file for each exercise."""
