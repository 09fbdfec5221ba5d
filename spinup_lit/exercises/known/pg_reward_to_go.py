# spinup_lit/exercises/known/pg_reward_to_go.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:f6aecd02f73f7cda
"""Known answers to the exercise `pg-reward-to-go`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """From the end, so that what comes later is known. The mask is that of the step itself:
    if t was the last of its episode, then what is carried belongs to another."""

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = later
        return to_go


class Episodes(Right):
    """Cut into episodes first; each from a table of powers of gamma."""

    def rewards_to_go(rew, over, gamma):
        parts = np.split(np.asarray(rew, float), np.flatnonzero(over) + 1)
        return np.concatenate([powers(len(x), gamma) @ x for x in parts])


def powers(n, gamma):
    """The powers gamma^(u - t) for u >= t, else 0, (n, n)."""
    ahead = np.arange(n) - np.arange(n)[:, None]
    return np.where(ahead >= 0, float(gamma) ** np.maximum(ahead, 0), 0.0)


class Appended(Right):
    """A list that is turned around."""

    def rewards_to_go(rew, over, gamma):
        found = [0.0]
        for r, end in zip(rew[::-1], over[::-1]):
            found.append(r + (0.0 if end else gamma * found[-1]))
        return np.array(found[:0:-1], dtype=float)


class AcrossEnds(Mistake):
    """Your sum goes on where an episode is over: actions get credit for rewards of the next
    episode, in which they had no share."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * later
            to_go[t] = later
        return to_go


class MaskOneStepLate(Mistake):
    """The mask is shifted by one step. `over[t]` belongs to step t itself: the sum of the
    *last* step of an episode must not reach into the next."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[max(t - 1, 0)] * later
            to_go[t] = later
        return to_go


class LastRewardLost(Mistake):
    """You drop the reward of the last step together with what comes after it. It was paid
    in this episode, and often it is the only one that matters."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = ~over[t] * (rew[t] + gamma * later)
            to_go[t] = later
        return to_go


class WithoutTheStepItself(Mistake):
    """You begin one step too late: the reward of the step itself is missing, which is the
    first that its action has brought."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = later - rew[t]
        return to_go


class ThePast(Mistake):
    """You add up from the beginning: these are the rewards *so far*. An action has no share
    in them, and on average they teach nothing."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in range(len(rew)):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = later
        return to_go


class NoDiscount(Mistake):
    """gamma is not used, or only where it is 1."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + ~over[t] * later
            to_go[t] = later
        return to_go


class DiscountFromTheStart(Mistake):
    """You discount from the beginning of the data: step t comes out smaller by gamma^t. The
    reward of the step itself counts fully, in every step."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = gamma**t * later
        return to_go


class Integers(Mistake):
    """Your result has the type of the rewards. If those are integers, each sum is rounded
    towards zero when it is stored."""

    rung = "shapes"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros_like(rew)
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = later
        return to_go


class Negated(Mistake):
    """The sign: good steps get negative weights. The minus that makes a descent of an ascent
    belongs into the loss, and there only once."""

    rung = "by_hand"

    def rewards_to_go(rew: np.ndarray, over: np.ndarray, gamma: float) -> np.ndarray:
        """The discounted sum of the rewards from each step to the end of its episode, (T,)."""
        to_go = np.zeros(len(rew))
        later = 0.0
        for t in reversed(range(len(rew))):
            later = rew[t] + gamma * ~over[t] * later
            to_go[t] = -later
        return to_go
