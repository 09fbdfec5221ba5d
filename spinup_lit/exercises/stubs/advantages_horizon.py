# spinup_lit/exercises/stubs/advantages_horizon.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:3be4c65f0040ac50
"""How far does it look?

An advantage estimate is the sum over l = 0, 1, 2, ... of (gamma lam)^l times the residual
of step t + l. In an episode without an end, what is the sum of all these factors? And
after how many steps, a real number, has the factor fallen to a half? 0 < gamma lam < 1.

LONGER says which of two changes makes the sum grow more, from gamma = 0.99, lam = 0.97:
    "gamma"  gamma to 1, lam as it is;
    "lam"    lam to 1, gamma as it is.
"""

LONGER: str | None = None


def total(gamma: float, lam: float) -> float:
    """The sum of all factors."""
    raise NotImplementedError


def half_life(gamma: float, lam: float) -> float:
    """After how many steps the factor is a half, a real number."""
    raise NotImplementedError
