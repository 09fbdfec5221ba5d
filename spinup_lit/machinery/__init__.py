# spinup_lit/machinery/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:b6227fd8ef561c97
"""What every run needs, whatever it learns. Knows no algorithm."""
