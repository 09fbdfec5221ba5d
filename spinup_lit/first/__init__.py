# spinup_lit/first/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:c6e1aa7c7b3c5c96
"""The first programs: policies written by hand; the policy gradient, three times."""
