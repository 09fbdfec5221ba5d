# spinup_lit/exercises/known/variance_constant.py: generated from book/depth/variance.md; edit the chapter. sha256:ded2b522dbf879db
"""Known answers to the exercise `variance-constant`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The mean of the estimate does not depend on b, so its mean square may be minimised: a
    parabola, whose bottom is a mean of the returns weighted by squared lengths."""

    def best_constant(score, ret, weight):
        length = (score**2).sum(axis=1)
        return (weight * length * ret).sum() / (weight * length).sum()

    def noise(score, ret, weight, b):
        estimate = score * (ret - b)[:, None]
        mean = weight @ estimate
        return weight @ ((estimate - mean) ** 2).sum(axis=1)


class ByRegression(Right):
    """The bottom as a regression of the estimate on the scores."""

    def best_constant(score, ret, weight):
        x = (np.sqrt(weight)[:, None] * score).ravel()
        y = (np.sqrt(weight)[:, None] * score * ret[:, None]).ravel()
        return x @ y / (x @ x)

    def noise(score, ret, weight, b):
        estimate = score * (ret[:, None] - b)
        second = np.einsum("m,mp,mp->", weight, estimate, estimate)
        return second - ((weight @ estimate) ** 2).sum()


class ByParabola(Right):
    """Through three points of the parabola."""

    def best_constant(score, ret, weight):
        def square(b):
            return weight @ ((score * (ret - b)[:, None]) ** 2).sum(axis=1)

        low, middle, high = square(-1.0), square(0.0), square(1.0)
        return (low - high) / (2 * (low - 2 * middle + high))

    def noise(score, ret, weight, b):
        total = 0.0
        for component in (score * (ret - b)[:, None]).T:
            total += weight @ (component - weight @ component) ** 2
        return total


class MeanReturn(Mistake):
    """best_constant: the mean return is the usual baseline, and not the best one. An episode
    with a long score makes more noise, so its return counts more."""

    rung = "by_hand"

    def best_constant(score, ret, weight):
        length = (score**2).sum(axis=1)
        return weight @ ret


class LengthNotSquared(Mistake):
    """best_constant: the lengths must be squared: a variance is a mean of squares."""

    rung = "by_hand"

    def best_constant(score, ret, weight):
        length = np.sqrt((score**2).sum(axis=1))
        return (weight * length * ret).sum() / (weight * length).sum()


class WithoutProbabilities(Mistake):
    """best_constant: you treat all episodes as equally likely. Both means need the
    probabilities."""

    rung = "by_hand"

    def best_constant(score, ret, weight):
        length = (score**2).sum(axis=1)
        return (length * ret).sum() / length.sum()


class NotAMean(Mistake):
    """best_constant: this is not a mean of returns yet. If all returns were 10 higher, b should
    be, too: divide by the mean squared length."""

    rung = "by_hand"

    def best_constant(score, ret, weight):
        length = (score**2).sum(axis=1)
        return (weight * length * ret).sum()


class ComponentsAddedFirst(Mistake):
    """best_constant: you have added up the components of a score before squaring. With one
    parameter it is the same; (1, -1) would have the length 0."""

    rung = "properties"

    def best_constant(score, ret, weight):
        length = score.sum(axis=1) ** 2
        return (weight * length * ret).sum() / (weight * length).sum()


class SecondMoment(Mistake):
    """noise: the mean square, without taking off the square of the mean. It has the same
    bottom, but it is not the variance: an estimate that never varies would have some."""

    rung = "by_hand"

    def noise(score, ret, weight, b):
        estimate = score * (ret - b)[:, None]
        mean = weight @ estimate
        return weight @ (estimate**2).sum(axis=1)


class MeanOverParameters(Mistake):
    """noise: you average over the parameters; the total variance is their sum."""

    rung = "oracle"

    def noise(score, ret, weight, b):
        estimate = score * (ret - b)[:, None]
        mean = weight @ estimate
        return weight @ ((estimate - mean) ** 2).mean(axis=1)


class SubtractedFromEstimate(Mistake):
    """noise: b is subtracted from the *return*, before it is multiplied with the score.
    Subtracted from the product it is a constant, and makes no difference to the noise."""

    rung = "by_hand"

    def noise(score, ret, weight, b):
        estimate = score * ret[:, None] - b
        mean = weight @ estimate
        return weight @ ((estimate - mean) ** 2).sum(axis=1)
