# spinup_lit/exercises/known/concepts_entropy.py: generated from book/start/key-concepts.md; edit the chapter. sha256:ba909ad61ea0f0f0
"""Known answers to the exercise `concepts-entropy`."""

import math

import torch
from torch.distributions import Categorical, Independent, Normal

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Every component brings its own constant, because logarithms of independent densities
    add up. A sum weighted with probabilities is what a mean over actions is."""

    def gaussian_entropy(log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of a diagonal Gaussian, a number."""
        return (0.5 + 0.5 * math.log(2 * math.pi) + log_std).sum()

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, -1)
        return -(logp.exp() * logp).sum(-1)


class Library(Right):
    """What the distributions of PyTorch say."""

    def gaussian_entropy(log_std):
        return Independent(Normal(0 * log_std, log_std.exp()), 1).entropy()

    def categorical_entropy(logits):
        return Categorical(logits=logits).entropy()


class Determinant(Right):
    """Half the logarithm of a determinant; and log Z minus the mean logit."""

    def gaussian_entropy(log_std):
        variance = (2 * log_std).exp() * 2 * math.pi * math.e
        return 0.5 * torch.log(variance).sum()

    def categorical_entropy(logits):
        mean = (torch.softmax(logits, -1) * logits).sum(-1)
        return torch.logsumexp(logits, -1) - mean


class ConstantOnce(Mistake):
    """The constant 1/2 + log(2 pi) / 2 is in your sum once, and should be in it once for
    each component. With one component nobody notices."""

    rung = "by_hand"

    def gaussian_entropy(log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of a diagonal Gaussian, a number."""
        return 0.5 + 0.5 * math.log(2 * math.pi) + log_std.sum()


class MeanOverComponents(Mistake):
    """You average over the components of an action. It is one action, and the entropies of
    its independent components add up."""

    rung = "by_hand"

    def gaussian_entropy(log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of a diagonal Gaussian, a number."""
        return (0.5 + 0.5 * math.log(2 * math.pi) + log_std).mean()


class SquareForgotten(Mistake):
    """A half is missing for each component: the mean of the squared distance, which is one
    deviation squared, not zero."""

    rung = "by_hand"

    def gaussian_entropy(log_std: torch.Tensor) -> torch.Tensor:
        """The entropy of a diagonal Gaussian, a number."""
        return (0.5 * math.log(2 * math.pi) + log_std).sum()


class HalfTheGradient(Mistake):
    """The value is right and the gradient wrong: the probabilities are detached. They change
    with the logits as well. What is left, the mean score, is zero."""

    rung = "gradients"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, -1)
        return -(logp.exp().detach() * logp).sum(-1)


class Negative(Mistake):
    """The sign: logarithms of probabilities are negative, and an entropy of numbered actions
    never is."""

    rung = "by_hand"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, -1)
        return (logp.exp() * logp).sum(-1)


class EqualWeights(Mistake):
    """You average -log pi over the actions with equal weights. The mean is over the actions
    that the policy *draws*: each counts with its probability. For a fair coin both agree."""

    rung = "by_hand"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, -1)
        return -logp.mean(-1)


class OneForAll(Mistake):
    """You sum over the rows, too. Each row is a state with an entropy of its own: sum over
    the last axis only."""

    rung = "shapes"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, -1)
        return -(logp.exp() * logp).sum()


class WrongAxis(Mistake):
    """Your probabilities sum to one over the rows, for each action. Each row is a
    distribution of its own: the actions are on the last axis."""

    rung = "by_hand"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = torch.log_softmax(logits, 0)
        return -(logp.exp() * logp).sum(-1)


class Overflow(Mistake):
    """exp(300) is too large for its number, and log(0) is minus infinity: the result is not
    a number. log_softmax subtracts the largest logit first."""

    rung = "properties"

    def categorical_entropy(logits: torch.Tensor) -> torch.Tensor:
        """The entropy of each categorical distribution, (B,)."""
        logp = (logits.exp() / logits.exp().sum(-1, keepdim=True)).log()
        return -(logp.exp() * logp).sum(-1)
