# spinup_lit/exact/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:8b8ac458a1b613ec
"""Exact answers in small worlds, against which algorithms are tested."""
