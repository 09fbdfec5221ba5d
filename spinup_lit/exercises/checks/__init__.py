# spinup_lit/exercises/checks/__init__.py: generated from book/practice/exercises.md; edit the chapter. sha256:523a817af54b9a98
"""The checks, a file for each exercise."""
