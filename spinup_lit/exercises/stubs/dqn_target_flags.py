# spinup_lit/exercises/stubs/dqn_target_flags.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:270c7f0070e8c125
"""Four kinds of steps.

A target of Q-learning is the reward of a step and, discounted, the value of what comes
next. But a step may have been the last of its episode:

    terminated   the task is over (the pole has fallen);
    truncated    a clock has cut the episode off; the task itself was not over.

Both may be true of one step, or one of them, or neither. `next_val` is the value of the
true observation after the step, never of one after a reset. Write the targets. They are
constants: no gradient may reach `next_val`.
"""

import torch


def targets(
    rew: torch.Tensor,
    terminated: torch.Tensor,
    truncated: torch.Tensor,
    next_val: torch.Tensor,
    gamma: float,
) -> torch.Tensor:
    """What the value of each action taken should have been, (B,).

    Args:
        rew: rewards, (B,).
        terminated: whether the step ended the task, (B,) bool.
        truncated: whether the clock cut the episode off after it, (B,) bool.
        next_val: what the slow network says of the observation after the step, (B,).
        gamma: discount factor.
    """
    raise NotImplementedError
