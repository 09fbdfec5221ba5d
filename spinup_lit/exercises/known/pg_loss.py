# spinup_lit/exercises/known/pg_loss.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:37b9ca552a7ab33e
"""Known answers to the exercise `pg-loss`."""

import torch
from torch.distributions import Categorical

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Only the logarithm depends on the parameters. Its value means nothing; its gradient is
    the sum of weighted scores, averaged over episodes."""

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight.detach()).sum() / episodes


class Distribution(Right):
    """By a distribution of PyTorch."""

    def policy_loss(logits, act, weight, episodes):
        logp = Categorical(logits=logits).log_prob(act)
        return torch.dot(logp, -weight.detach()) / episodes


class CrossEntropy(Right):
    """Minus a log-probability is what classifiers call cross-entropy."""

    def policy_loss(logits, act, weight, episodes):
        each = torch.nn.functional.cross_entropy(logits, act, reduction="none")
        return (each * weight.data).sum() / episodes


class Uphill(Mistake):
    """The sign: this is to be climbed, and optimisers descend. With it, good actions become
    rarer."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return (taken * weight.detach()).sum() / episodes


class MeanOverSteps(Mistake):
    """You average over steps. What is averaged are episodes: the sum over the steps of one
    episode is one estimate. Over steps, long episodes count for less."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight.detach()).mean()


class TableOfPairs(Mistake):
    """A column has met a vector: each log-probability is multiplied with each weight. With
    one step nobody notices. Both must be (B,)."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken[:, None] * weight.detach()).sum() / episodes


class NoLogarithm(Mistake):
    """You weigh the probability, where its logarithm belongs. Its gradient is pi times the
    score: an action that is taken often counts twice, once for being drawn often and once
    more for pi."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight.detach()).sum() / episodes


class RawLogits(Mistake):
    """A logit is no log-probability: the logarithm of the sum of all exponentials is still to
    be subtracted. Without it, nothing pushes the actions down that were not taken."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = logits
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight.detach()).sum() / episodes


class EveryStepEveryAction(Mistake):
    """`[:, act]` takes the columns of all these actions from *every* row. You need one entry
    per row: the action taken in that step."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[:, act].sum(0)
        return -(taken * weight.detach()).sum() / episodes


class WrongAxis(Mistake):
    """Your probabilities sum to one over the *steps* of the batch, for each action. They
    should over the actions, in each step: the last axis."""

    rung = "by_hand"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, 0)
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight.detach()).sum() / episodes


class WeightsLearn(Mistake):
    """A gradient flows into the weights. If they come from a critic, the critic is trained to
    put out large ones. Weights are constants: detach them."""

    rung = "gradients"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken * weight).sum() / episodes


class PolicyDetached(Mistake):
    """The value is right, and no gradient reaches the logits: you have detached the
    log-probabilities. It is the weights that are constants."""

    rung = "gradients"

    def policy_loss(
        logits: torch.Tensor, act: torch.Tensor, weight: torch.Tensor, episodes: int
    ) -> torch.Tensor:
        """The number whose gradient is minus the estimate of the policy gradient."""
        logp = torch.log_softmax(logits, -1)
        taken = logp[torch.arange(len(act)), act]
        return -(taken.detach() * weight).sum() / episodes
