# spinup_lit/exercises/known/advantages_two_lines.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:dc7db5bf9484a81f
"""Known answers to the exercise `advantages-two-lines`."""

import numpy as np

from spinup_lit import vpg
from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """`terminated` decides what the future is worth; either flag says that the next row
    belongs to another episode."""

    gae = vpg.gae


class TwoLines(Right):
    """All in one loop."""

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        adv, later = np.zeros_like(rew), np.zeros_like(rew[0])
        for t in reversed(range(len(rew))):
            delta = rew[t] + gamma * next_val[t] * ~terminated[t] - val[t]
            later = delta + gamma * lam * ~(terminated[t] | truncated[t]) * later
            adv[t] = later
        return adv


class LambdaReturns(Right):
    """By the recursion of the returns, from which the value is subtracted at the end."""

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        over = terminated | truncated
        ret = np.zeros_like(rew)
        for t in range(len(rew))[::-1]:
            last = t == len(rew) - 1
            goes_on = np.zeros_like(over[t]) if last else ~over[t]
            bootstrap = np.where(terminated[t], 0, next_val[t])
            later = bootstrap if last else (1 - lam) * bootstrap + lam * ret[t + 1]
            ret[t] = rew[t] + gamma * np.where(goes_on, later, bootstrap)
        return ret - val


class TruncationAsDeath(Mistake):
    """You take a truncation for the end of all rewards. The episode was only cut: what the
    step led to had its value, and next_val knows it."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~(terminated | truncated) - val
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class CreditAcrossEpisodes(Mistake):
    """After a truncation your sum runs on into the next episode. The row below belongs to
    another one, however this one ended."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated - val
        carry = gamma * lam * ~terminated
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class ValueAfterTheRestart(Mistake):
    """You take the value of the next row for that of what the step led to. Where an episode
    was cut, the next row is the beginning of another: use next_val."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        seen_next = np.concatenate([val[1:], next_val[-1:]])
        delta = rew + gamma * seen_next * ~terminated - val
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class FlagsOneLate(Mistake):
    """The flags are shifted by one row. Here flag t belongs to step t: it says that *this*
    step was the last of its episode."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated - val
        carry = gamma * lam * ~np.roll(terminated | truncated, -1, axis=0)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class LambdaForGamma(Mistake):
    """In the residual stands lam, where gamma belongs. With gamma = lam nobody notices."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + lam * next_val * ~terminated - val
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class Forwards(Mistake):
    """You go from the first row to the last. What is carried is then the estimate of the row
    *before*: credit for what had happened already."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated - val
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in range(len(delta)):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class OneStepLate(Mistake):
    """Your estimate begins one step too late: the residual of the step itself, the first
    that its action has a share in, is missing."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated - val
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            adv[t] = later
            later = delta[t] + carry[t] * later
        return adv


class ReturnNotAdvantage(Mistake):
    """V(s_t) is not subtracted: each residual says what a step brought, and not by how much
    it surprised the critic."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated
        carry = gamma * lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv


class LambdaAlone(Mistake):
    """You carry lam times the next estimate. It is one step further away, too, so that gamma
    counts as well."""

    rung = "by_hand"

    def gae(rew, val, next_val, terminated, truncated, gamma, lam):
        delta = rew + gamma * next_val * ~terminated - val
        carry = lam * ~(terminated | truncated)
        adv: np.ndarray = np.zeros_like(delta)
        later = np.zeros_like(delta[0])
        for t in reversed(range(len(delta))):
            later = delta[t] + carry[t] * later
            adv[t] = later
        return adv
