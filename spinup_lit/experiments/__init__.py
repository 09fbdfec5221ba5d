# spinup_lit/experiments/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:4e16ff9d606f4e59
"""What is done with runs: results and their digests, figures, plots, watching."""
