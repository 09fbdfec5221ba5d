# spinup_lit/exercises/stubs/vpg_entropy_bonus.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:340a19fe39662958
"""An entropy bonus for VPG.

Change VPG: to the objective, which is climbed, add entropy_weight times the entropy of
the policy, averaged over the observations of the batch. entropy_weight is a new argument
of `vpg`, 0 by default, and a negative one is refused, as other arguments out of range
are. With 0 nothing changes.

Edit the chapter, book/onpolicy/vpg.md, and run `make tangle`; then MODULE is
"spinup_lit.vpg". Or copy vpg.py, edit the copy, and give its path: MODULE = "mine.py".
"""

MODULE: str | None = None
