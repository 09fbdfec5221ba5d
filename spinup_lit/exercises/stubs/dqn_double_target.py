# spinup_lit/exercises/stubs/dqn_double_target.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:fcf657b5cadde033
"""Everybody chooses their own target.

DQN's target takes the maximum of the slow network's values, and a maximum of numbers
with errors is too large on average. Double DQN asks both networks: the quick one, which
is being trained, *chooses* the action in the next observation; the slow copy says what
that action is worth. Write the targets. They are constants.
"""

import torch


def double_targets(
    rew: torch.Tensor,
    terminated: torch.Tensor,
    next_q: torch.Tensor,
    next_q_slow: torch.Tensor,
    gamma: float,
) -> torch.Tensor:
    """The targets of double DQN, (B,), without gradient.

    Args:
        rew: rewards, (B,).
        terminated: whether the step ended the task, (B,) bool.
        next_q: the quick network's values of all A actions in the next observation,
            (B, A).
        next_q_slow: those of the slow copy, (B, A).
        gamma: discount factor.
    """
    raise NotImplementedError
