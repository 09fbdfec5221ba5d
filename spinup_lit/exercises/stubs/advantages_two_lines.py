# spinup_lit/exercises/stubs/advantages_two_lines.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:3a7ce8cb05403d59
"""Generalised advantage estimation.

With delta_t = r_t + gamma v_(t+1) - V(s_t), where v_(t+1) is the value of what step t
led to, or 0 if nothing comes after it, the estimate is

    A_t = delta_t + gamma lam A_(t+1)

as long as the next row belongs to the same episode, and delta_t where it does not.
`next_val` holds the value of what each step truly led to, before any restart.
"""

import numpy as np


def gae(
    rew: np.ndarray,
    val: np.ndarray,
    next_val: np.ndarray,
    terminated: np.ndarray,
    truncated: np.ndarray,
    gamma: float,
    lam: float,
) -> np.ndarray:
    """Generalised advantage estimates, (T, N).

    Args:
        rew: rewards, (T, N): T steps in N environments side by side.
        val: values of the observations acted on, (T, N).
        next_val: values of the observations that followed, (T, N).
        terminated: the episode ended there, and nothing is worth anything after it.
        truncated: the episode was cut there; what followed had its value.
        gamma: discount factor, in [0, 1].
        lam: weight of longer returns, in [0, 1].
    """
    raise NotImplementedError
