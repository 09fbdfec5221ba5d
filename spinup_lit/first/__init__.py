# spinup_lit/first/__init__.py: generated from book/appendix/program.md; edit the chapter. sha256:4b5be13f3d0eaaa7
"""The first programs: the policy gradient in a hundred lines, three times."""
