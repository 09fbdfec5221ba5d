# spinup_lit/exercises/known/dqn_half_life.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:1479eee19c55aa01
"""Known answers to the exercise `dqn-half-life`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """A network enters with 1 - kappa and loses the factor kappa with each update. The ages
    are a geometric distribution."""

    def weight(kappa, age):
        return (1 - kappa) * kappa**age

    def mean_age(kappa):
        return kappa / (1 - kappa)

    def half_life(kappa):
        return np.log(0.5) / np.log(kappa)


class ByLogarithms(Right):
    """Powers as exponentials, in base two."""

    def weight(kappa, age):
        return kappa**age - kappa ** (age + 1)

    def mean_age(kappa):
        return 1 / (1 - kappa) - 1

    def half_life(kappa):
        return -1 / np.log2(kappa)


class BySeries(Right):
    """The mean as a sum of tails."""

    def weight(kappa, age):
        return -np.expm1(np.log(kappa)) * np.exp(age * np.log(kappa))

    def mean_age(kappa):
        return np.array([sum(k**n for n in range(1, 20_000)) for k in kappa])

    def half_life(kappa):
        return np.log(2) / -np.log(kappa)


class OneTooOld(Mistake):
    """Your weights are those of one update later: the network that has just been added has
    the weight 1 - kappa, and has lost nothing yet."""

    rung = "by_hand"

    def weight(kappa, age):
        return (1 - kappa) * kappa ** (age + 1)


class TurnedRound(Mistake):
    """kappa and 1 - kappa have changed places. kappa is the part of the *copy* that stays, so
    it is what every older share is multiplied with. At kappa 1/2 one cannot see it."""

    rung = "oracle"

    def weight(kappa, age):
        return kappa * (1 - kappa) ** age


class NotAnAverage(Mistake):
    """Your weights do not add up to one: a network enters with 1 - kappa only."""

    rung = "by_hand"

    def weight(kappa, age):
        return kappa**age


class FirstHasAgeOne(Mistake):
    """1 / (1 - kappa) is the mean if the newest network has the age 1. Here it has 0: a copy
    with kappa 0 *is* the network, and does not lag at all."""

    rung = "by_hand"

    def mean_age(kappa):
        return 1 / (1 - kappa)


class TimeConstant(Mistake):
    """1 / (1 - kappa) updates is about when a share has fallen to 1/e = 0.37. Half is reached
    earlier, by the factor log 2 = 0.69 or nearly."""

    rung = "by_hand"

    def half_life(kappa):
        return 1 / (1 - kappa)


class Negative(Mistake):
    """The sign: log(kappa) is negative, for kappa is below 1."""

    rung = "by_hand"

    def half_life(kappa):
        return np.log(2) / np.log(kappa)
