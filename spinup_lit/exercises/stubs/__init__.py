# spinup_lit/exercises/stubs/__init__.py: generated from book/practice/exercises.md; edit the chapter. sha256:52eddc9f528f50c4
"""What readers fill in, a file for each exercise."""
