# spinup_lit/exercises/stubs/pg_loss.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:df9f9e0d61fd9416
"""The loss of the policy gradient.

A batch has some episodes, with B steps in all. In each step a network has put out a logit
for each of n actions; the probability of an action is the softmax of the logits. Write the
number whose gradient, descended, is the estimate of the policy gradient:

    - 1 / episodes * sum over all steps of log pi(act) * weight.

The weights are constants, even if they should come with a gradient of their own.
"""

import torch


def policy_loss(
    logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
) -> torch.Tensor:
    """The number whose gradient is minus the estimate of the policy gradient.

    Args:
        logits: what the network has put out, (B, n).
        act: the numbers of the actions taken, (B,), integers.
        weight: the weight of each step, such as a reward-to-go, (B,).
        episodes: the number of episodes in the batch.
    """
    raise NotImplementedError
