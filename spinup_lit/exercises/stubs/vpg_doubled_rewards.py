# spinup_lit/exercises/stubs/vpg_doubled_rewards.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:9a095cbd69681300
"""Rewards twice as large.

Somebody doubles all rewards of an environment. Take one and the same batch of VPG, and a
critic that says 0 everywhere and has not been trained yet. By which factor does each of
these change? (1: not at all.) Answer first, compute later.
"""

GRADIENT: float | None = None  # of the policy's loss, with normalised advantages
GRADIENT_PLAIN: float | None = None  # of the policy's loss, without the normalisation
ADAM_PLAIN: float | None = None  # Adam's first step, without the normalisation
CRITIC_LOSS: float | None = None  # the mean squared error, before it is trained
CRITIC_GRADIENT: float | None = None  # of that loss, in the critic's values
