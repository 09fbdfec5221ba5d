# spinup_lit/exercises/known/dp_backup.py: generated from book/depth/tabular.md; edit the chapter. sha256:34ec429af779d9f9
"""Known answers to the exercise `dp-backup`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """A mean over the world's dice for each action, then the best or the policy's mean. The
    rest of the way is at most gamma + gamma^2 + ... times what moved."""

    def best_step(P, R, v, gamma):
        q = (P * (R + gamma * np.append(v, 0))).sum(axis=2)
        return q.max(axis=1)

    def expected_step(P, R, pi, v, gamma):
        q = (P * (R + gamma * np.append(v, 0))).sum(axis=2)
        return (pi * q).sum(axis=1)

    def off_by(moved, gamma):
        return gamma / (1 - gamma) * moved


class ByProducts(Right):
    """The mean reward first, then a product of matrices."""

    def best_step(P, R, v, gamma):
        r = np.einsum("sak,sak->sa", P, R)
        return np.amax(r + gamma * (P[:, :, :-1] @ v), axis=-1)

    def expected_step(P, R, pi, v, gamma):
        r = np.einsum("sa,sak,sak->s", pi, P, R)
        return r + gamma * np.einsum("sa,sak->sk", pi, P[:, :, :-1]) @ v

    def off_by(moved, gamma):
        return moved / (1 - gamma) - moved


class ByLoops(Right):
    """State by state."""

    def best_step(P, R, v, gamma):
        after = [*v, 0.0]
        return np.array(
            [
                max(p @ (r + gamma * np.array(after)) for p, r in zip(*x))
                for x in zip(P, R)
            ]
        )

    def expected_step(P, R, pi, v, gamma):
        new = np.zeros(len(v))
        for s, a, k in np.ndindex(P.shape):
            after = v[k] if k < len(v) else 0
            new[s] += pi[s, a] * P[s, a, k] * (R[s, a, k] + gamma * after)
        return new

    def off_by(moved, gamma):
        return sum(moved * gamma**n for n in range(1, 5000))


class SeesTheDice(Mistake):
    """best_step: you take the best action for each next place, and add up then. That is an
    agent which sees the dice before it chooses. Mean first, maximum then."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        each = R + gamma * np.append(v, 0)
        return (P * each).max(axis=1).sum(axis=1)


class NoDiscount(Mistake):
    """best_step: gamma is missing. What comes next counts in full, and no sweep shrinks
    anything."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        q = (P * (R + np.append(v, 0))).sum(axis=2)
        return q.max(axis=1)


class RewardDiscounted(Mistake):
    """best_step: you discount the reward of this very step, too. Only what comes after it is a
    step away."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        q = gamma * (P * (R + np.append(v, 0))).sum(axis=2)
        return q.max(axis=1)


class RewardsOfAllPlaces(Mistake):
    """best_step: you add up the rewards of all places where the step *might* lead. Each counts
    with its probability, like the values."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        q = R.sum(axis=2) + gamma * P @ np.append(v, 0)
        return q.max(axis=1)


class EndIsWorth(Mistake):
    """best_step: you give the end the value of the last state. At the end nothing is earned any
    more: 0."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        q = (P * (R + gamma * np.append(v, v[-1]))).sum(axis=2)
        return q.max(axis=1)


class ShiftedPlaces(Mistake):
    """best_step: your values are shifted by one place. The end is the *last* place, number S, so
    its zero stands at the end of the list."""

    rung = "by_hand"

    def best_step(P, R, v, gamma):
        q = (P * (R + gamma * np.append(0, v))).sum(axis=2)
        return q.max(axis=1)


class BestForPolicy(Mistake):
    """expected_step: you take the best action. This backup asks what *pi* does."""

    rung = "by_hand"

    def expected_step(P, R, pi, v, gamma):
        q = (P * (R + gamma * np.append(v, 0))).sum(axis=2)
        return q.max(axis=1)


class UniformPolicy(Mistake):
    """expected_step: you average over the actions as if all were equally likely. pi says how
    likely they are."""

    rung = "by_hand"

    def expected_step(P, R, pi, v, gamma):
        q = (P * (R + gamma * np.append(v, 0))).sum(axis=2)
        return q.mean(axis=1)


class BoundOfOld(Mistake):
    """off_by: this bounds the values *before* the sweep. The new ones are nearer, by gamma."""

    rung = "by_hand"

    def off_by(moved, gamma):
        return moved / (1 - gamma)


class OnlyNextSweep(Mistake):
    """off_by: this is what the *next* sweep can move. After it come others, each at most gamma
    times as much: add them up. With gamma 0.99 the difference is a factor of 100."""

    rung = "by_hand"

    def off_by(moved, gamma):
        return gamma * moved
