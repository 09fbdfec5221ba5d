# spinup_lit/exercises/known/dqn_epsilon_greedy.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:882550163c77c61d
"""Known answers to the exercise `dqn-epsilon-greedy`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """A mixture of two policies: the best action, and a die that may fall on it, too."""

    def probabilities(q, epsilon):
        best = np.eye(q.shape[1])[q.argmax(axis=1)]
        return (1 - epsilon) * best + epsilon / q.shape[1]


class OneByOne(Right):
    """The die first; the rest goes to the best."""

    def probabilities(q, epsilon):
        p = np.full(q.shape, epsilon / q.shape[1])
        for row, best in zip(p, q.argmax(axis=1)):
            row[best] += 1 - epsilon
        return p


class Complement(Right):
    """The best has what the others leave."""

    def probabilities(q, epsilon):
        n = q.shape[1]
        best = np.arange(n) == q.argmax(axis=1)[:, None]
        return np.where(best, 1 - (n - 1) * epsilon / n, epsilon / n)


class DieWithoutBest(Mistake):
    """Your die never falls on the best action: with epsilon 1 it would be avoided
    altogether. This die has all A sides."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = np.eye(q.shape[1])[q.argmax(axis=1)]
        return (1 - epsilon) * best + epsilon * (1 - best) / (q.shape[1] - 1)


class LostShare(Mistake):
    """Your probabilities do not add up to one. The best action has the share of the die,
    epsilon / A, *besides* 1 - epsilon."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = np.eye(q.shape[1])[q.argmax(axis=1)]
        return np.where(best, 1 - epsilon, epsilon / q.shape[1])


class TurnedRound(Mistake):
    """epsilon is how often the *die* decides. You let it decide 1 - epsilon of the time."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = np.eye(q.shape[1])[q.argmax(axis=1)]
        return epsilon * best + (1 - epsilon) / q.shape[1]


class OneBestForAll(Mistake):
    """You look for the largest value of the whole batch: an argmax without an axis. Each
    observation has a best action of its own."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = np.eye(q.shape[1])[q.argmax() % q.shape[1]]
        best = np.broadcast_to(best, q.shape)
        return (1 - epsilon) * best + epsilon / q.shape[1]


class AllOfTheBest(Mistake):
    """Where two actions are equally good, both get 1 - epsilon, and the row adds up to more
    than one. One of them has to be taken: the first."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = q == q.max(axis=1, keepdims=True)
        return (1 - epsilon) * best + epsilon / q.shape[1]


class Softmax(Mistake):
    """You weight the actions by their values, as a softmax policy would. Here the best one is
    taken, however small its lead."""

    rung = "by_hand"

    def probabilities(q, epsilon):
        best = np.exp(q) / np.exp(q).sum(axis=1, keepdims=True)
        return (1 - epsilon) * best + epsilon / q.shape[1]
