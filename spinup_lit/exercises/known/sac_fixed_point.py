# spinup_lit/exercises/known/sac_fixed_point.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:840c148abfef1400
"""Known answers to the exercise `sac-fixed-point`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """A Gaussian of the variance alpha / k, whose entropy grows with the temperature. At rest
    it has the wanted one: alpha is in proportion to k, so a thermostat follows the size of
    the rewards."""

    def entropy(k, alpha):
        return np.log(2 * np.pi * np.e * alpha / k) / 2

    def slope(k, alpha, wanted):
        return alpha * (np.log(2 * np.pi * np.e * alpha / k) / 2 - wanted)

    def at_rest(k, wanted):
        return k * np.exp(2 * wanted) / (2 * np.pi * np.e)


class ByDeviation(Right):
    """Through the deviation of the Gaussian."""

    def entropy(k, alpha):
        return np.log(np.sqrt(alpha / k)) + 0.5 * np.log(2 * np.pi) + 0.5

    def slope(k, alpha, wanted):
        logp = -0.5 - 0.5 * np.log(2 * np.pi * alpha / k)
        return -alpha * (logp + wanted)

    def at_rest(k, wanted):
        std = np.exp(wanted - 0.5 - 0.5 * np.log(2 * np.pi))
        return k * std**2


class ByLogarithms(Right):
    """All in logarithms."""

    def entropy(k, alpha):
        return 0.5 * (np.log(alpha) - np.log(k) + 1 + np.log(2 * np.pi))

    def slope(k, alpha, wanted):
        h = 0.5 * (np.log(alpha) - np.log(k) + 1 + np.log(2 * np.pi))
        return alpha * h - alpha * wanted

    def at_rest(k, wanted):
        return np.exp(np.log(k) + 2 * wanted - 1 - np.log(2 * np.pi))


class VarianceAsDeviation(Mistake):
    """entropy: alpha / k is the *variance*. The entropy has the logarithm of the deviation,
    which is half of it."""

    rung = "by_hand"

    def entropy(k, alpha):
        return np.log(2 * np.pi * np.e) / 2 + np.log(alpha / k)


class TurnedOver(Mistake):
    """entropy: the fraction is upside down. A higher temperature makes a wider policy; a
    steeper hill a narrower one."""

    rung = "by_hand"

    def entropy(k, alpha):
        return np.log(2 * np.pi * np.e * k / alpha) / 2


class WrongWay(Mistake):
    """slope: the sign. With more entropy than wanted the slope must be positive, so that a step
    down it lowers the temperature. Yours would drive it away from the point of rest."""

    rung = "by_hand"

    def slope(k, alpha, wanted):
        return alpha * (wanted - np.log(2 * np.pi * np.e * alpha / k) / 2)


class InAlpha(Mistake):
    """slope: this is the derivative in alpha. The program steps log alpha, whose derivative has
    one more factor: alpha."""

    rung = "by_hand"

    def slope(k, alpha, wanted):
        return np.log(2 * np.pi * np.e * alpha / k) / 2 - wanted


class PolicyMovesToo(Mistake):
    """slope: you have also differentiated the policy, which changes with alpha. In this loss its
    log-densities are constants: the policy has a loss of its own."""

    rung = "by_hand"

    def slope(k, alpha, wanted):
        return alpha * (np.log(2 * np.pi * np.e * alpha / k) / 2 - wanted + 0.5)


class HalfTheExponent(Mistake):
    """at_rest: you have solved for the deviation. Half a logarithm of alpha is wanted, so alpha
    goes with e^(2 wanted)."""

    rung = "by_hand"

    def at_rest(k, wanted):
        return k * np.exp(wanted) / np.sqrt(2 * np.pi * np.e)
