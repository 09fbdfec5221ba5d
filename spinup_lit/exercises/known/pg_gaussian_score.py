# spinup_lit/exercises/known/pg_gaussian_score.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:495ff4e38a22af93
"""Known answers to the exercise `pg-gaussian-score`."""

import numpy as np
import torch
from torch.distributions import Normal

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The first pulls the mean towards the action, the more the narrower the policy. The
    second is positive for actions more than one deviation away."""

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (act - mu) / np.exp(2 * log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return noise**2 - 1


class Differentiated(Right):
    """By PyTorch."""

    def score_mu(act, mu, log_std):
        leaf = torch.tensor(mu, dtype=torch.float64, requires_grad=True)
        logp = Normal(leaf, torch.tensor(log_std).exp()).log_prob(torch.tensor(act))
        return torch.autograd.grad(logp.sum(), leaf)[0].numpy()


class Expanded(Right):
    """With the variance."""

    def score_mu(act, mu, log_std):
        return np.exp(-2 * log_std) * act - np.exp(-2 * log_std) * mu

    def score_log_std(act, mu, log_std):
        variance = np.exp(log_std) ** 2
        return (act**2 - 2 * act * mu + mu**2 - variance) / variance


class WrongWay(Mistake):
    """The sign of the score in mu: yours pushes the mean away from an action that was
    good. The inner derivative of (act - mu) in mu is -1, and there was a minus already."""

    rung = "by_hand"

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (mu - act) / np.exp(2 * log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return noise**2 - 1


class DeviationForVariance(Mistake):
    """You divide by the deviation once. The square brings (act - mu) / std^2."""

    rung = "by_hand"

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (act - mu) / np.exp(log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return noise**2 - 1


class InTheDeviation(Mistake):
    """This is the derivative in the deviation itself. Asked for is that in its logarithm,
    which is larger by the factor std."""

    rung = "by_hand"

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (act - mu) / np.exp(2 * log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return (noise**2 - 1) / np.exp(log_std)


class SquareAlone(Mistake):
    """You have forgotten the term -log_std, the height of the density. Your score is never
    negative, so it cannot be zero on average: a policy would grow random by itself."""

    rung = "by_hand"

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (act - mu) / np.exp(2 * log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return noise**2


class SquareAsConstant(Mistake):
    """You have taken the square for a constant, and only copied it. But the deviation in it
    is exp(log_std): ((act - mu) exp(-log_std))^2 has a derivative in log_std."""

    rung = "by_hand"

    def score_mu(act: np.ndarray, mu: np.ndarray, log_std: np.ndarray) -> np.ndarray:
        """The derivative of log pi(act) in the mean."""
        return (act - mu) / np.exp(2 * log_std)

    def score_log_std(
        act: np.ndarray, mu: np.ndarray, log_std: np.ndarray
    ) -> np.ndarray:
        """The derivative of log pi(act) in the logarithm of the deviation."""
        noise = (act - mu) / np.exp(log_std)
        return -0.5 * noise**2 - 1
