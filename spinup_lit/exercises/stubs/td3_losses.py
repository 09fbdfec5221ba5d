# spinup_lit/exercises/stubs/td3_losses.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:aa988131a48bc631
"""The losses of TD3, function by function.

Two critics have opinions, `q` of the shape (2, B): a row for each critic.

1. The target of a step: its reward and, unless the step ended the task, gamma times the
   smaller of the two slow critics' opinions of the next action. A constant.
2. The critics' loss: for each the mean of its squared errors; both added up.
3. The policy's loss: minus what the *first* critic says of the policy's actions, on
   average. The gradient passes through the critic to the actions.
"""

import torch


def td3_target(
    rew: torch.Tensor, terminated: torch.Tensor, next_q: torch.Tensor, gamma: float
) -> torch.Tensor:
    """What the value of each action taken should have been, (B,), without gradient.

    Args:
        rew: rewards, (B,).
        terminated: whether the step ended the task, (B,) bool.
        next_q: what the slow critics say of the next actions, (2, B).
        gamma: discount factor.
    """
    raise NotImplementedError


def td3_critic_loss(q: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean squared errors of both critics, (2, B), against targets, (B,): a scalar."""
    raise NotImplementedError


def td3_actor_loss(q: torch.Tensor) -> torch.Tensor:
    """What the policy descends, from both opinions of its actions, (2, B): a scalar."""
    raise NotImplementedError
