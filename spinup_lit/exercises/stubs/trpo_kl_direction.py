# spinup_lit/exercises/stubs/trpo_kl_direction.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:911fd5234c9aaad4
"""The divergence of two Gaussians, and its direction.

    KL(old || new) = mean of log(pi_old(a) / pi_new(a)), over actions a of the OLD policy.

Both policies draw a number from a normal distribution. Derive the divergence as a formula
of the two means and deviations; its form does not matter.

LARGER says for which new policy it is larger, the mean being the same:
    "narrow"  half the deviation of the old one;
    "wide"    twice the deviation of the old one.
"""

LARGER: str | None = None


def kl(mu_old: float, std_old: float, mu_new: float, std_new: float) -> float:
    """KL(old || new) of two normal distributions."""
    raise NotImplementedError
