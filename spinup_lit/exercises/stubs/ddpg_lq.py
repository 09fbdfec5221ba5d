# spinup_lit/exercises/stubs/ddpg_lq.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:be99d5754af9c377
"""The theorem, with a pencil.

States and actions are numbers. The next state is A s + B a, and a step in state s with
the action a has the reward -(s^2 + c a^2). The policy is a = theta s. The sum of rewards
is discounted by gamma, and gamma (A + B theta)^2 is below 1.

Derive
1. the number X such that a state s is worth -X s^2 under the policy;
2. the derivative of the action value Q(s, a) in the action, at a = theta s. In Q the
   action a is taken once, and the policy decides from then on;
3. the derivative in theta of what the policy earns from s = 1 on. The deterministic
   policy gradient theorem says: the sum over time of gamma^t, times this slope in the
   state s_t, times the derivative of the policy's action in theta.
"""

import numpy as np


def cost(
    theta: np.ndarray, A: np.ndarray, B: np.ndarray, c: np.ndarray, gamma: np.ndarray
) -> np.ndarray:
    """X, of many worlds at once, (K,)."""
    raise NotImplementedError


def slope(
    s: np.ndarray,
    theta: np.ndarray,
    A: np.ndarray,
    B: np.ndarray,
    c: np.ndarray,
    gamma: np.ndarray,
) -> np.ndarray:
    """The derivative of Q(s, a) in a at a = theta s, (K,)."""
    raise NotImplementedError


def gradient(
    theta: np.ndarray, A: np.ndarray, B: np.ndarray, c: np.ndarray, gamma: np.ndarray
) -> np.ndarray:
    """The derivative in theta of the value of the state 1, (K,)."""
    raise NotImplementedError
