# spinup_lit/exercises/known/sac_by_hand.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:193b144e671a03d8
"""Known answers to the exercise `sac-by-hand`."""

import numpy as np
from scipy.special import logsumexp, softmax

from spinup_lit.exercises.form import Book, Mistake, Right
from spinup_lit.machinery.arguments import between


class TheBook(Book):
    """Probabilities in proportion to e^(q / alpha), and the logarithm of their sum. The
    largest value is taken out first, for the computer's sake."""

    LIMIT = 3.0
    EXCESS = 7 / 3

    def best_policy(q, alpha):
        weight = np.exp((q - q.max(axis=1, keepdims=True)) / alpha)
        return weight / weight.sum(axis=1, keepdims=True)

    def best_value(q, alpha):
        top = q.max(axis=1)
        return top + alpha * np.log(np.exp((q - top[:, None]) / alpha).sum(axis=1))


class ByLibrary(Right):
    """SciPy knows both."""

    def best_policy(q, alpha):
        return softmax(q / alpha, axis=1)

    def best_value(q, alpha):
        return alpha * logsumexp(q / alpha, axis=1)


class ByEntropy(Right):
    """The value as reward and entropy of the best policy."""

    def best_policy(q, alpha):
        gap = (q[:, None, :] - q[:, :, None]) / alpha
        return np.exp(-np.logaddexp.reduce(gap, axis=2))

    def best_value(q, alpha):
        p = softmax(q / alpha, axis=1)
        return (p * q).sum(1) - alpha * (p * np.log(p + (p == 0))).sum(1)


class ColdIsMean(Mistake):
    """Without a price for randomness, why should it take the worse roads at all? The best one
    alone is left."""

    rung = "claim"
    LIMIT = between(2.0, 2.9)


class HotIsBest(Mistake):
    """When only entropy counts, all roads are alike, and what they earn is their mean."""

    rung = "claim"
    EXCESS = 3.0


class HotIsNothing(Mistake):
    """Entropy alone is alpha log 3. But the roads still pay something, each a third of the
    time."""

    rung = "claim"
    EXCESS = 0.0


class TooLarge(Mistake):
    """best_policy: the formula is right, and e^(q / alpha) is infinite for small alpha. Take
    the largest value out first: a constant for all roads changes nothing."""

    rung = "properties"

    def best_policy(q, alpha):
        weight = np.exp(q / alpha)
        return weight / weight.sum(axis=1, keepdims=True)


class MultipliedByAlpha(Mistake):
    """best_policy: you multiply by the temperature. The hotter, the more alike the roads:
    divide."""

    rung = "by_hand"

    def best_policy(q, alpha):
        weight = np.exp((q - q.max(axis=1, keepdims=True)) * alpha)
        return weight / weight.sum(axis=1, keepdims=True)


class AllCrossings(Mistake):
    """best_policy: probabilities add up to one in each *row*. You have divided by the sum over
    all crossings."""

    rung = "properties"

    def best_policy(q, alpha):
        weight = np.exp((q - q.max(axis=1, keepdims=True)) / alpha)
        return weight / weight.sum()


class EntropyAsCost(Mistake):
    """best_value: the sign. Entropy is paid for: the value is at least that of the best road."""

    rung = "by_hand"

    def best_value(q, alpha):
        top = q.max(axis=1)
        return top - alpha * np.log(np.exp((q - top[:, None]) / alpha).sum(axis=1))


class WithoutPrice(Mistake):
    """best_value: the logarithm is not multiplied by alpha. Look at its unit: the logarithm is
    a number of nats, and alpha what a nat is worth."""

    rung = "by_hand"

    def best_value(q, alpha):
        top = q.max(axis=1)
        return top + np.log(np.exp((q - top[:, None]) / alpha).sum(axis=1))


class MeanForSum(Mistake):
    """best_value: a mean where a sum belongs: your value is alpha log A too small, as if one
    were paid only for what is *less* than full randomness."""

    rung = "by_hand"

    def best_value(q, alpha):
        top = q.max(axis=1)
        return top + alpha * np.log(np.exp((q - top[:, None]) / alpha).mean(axis=1))
