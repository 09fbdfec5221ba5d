# spinup_lit/exercises/known/dqn_target_flags.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:af390109ea3369de
"""Known answers to the exercise `dqn-target-flags`."""

import torch

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Only what ends the task ends the look ahead. A clock says nothing about the world, so
    its flag does not occur. And a target is a constant."""

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + gamma * next_val * ~terminated).detach()


class ByCases(Right):
    """A choice between two targets."""

    def targets(rew, terminated, truncated, next_val, gamma):
        with torch.no_grad():
            return torch.where(terminated, rew, rew + gamma * next_val)


class ByZeros(Right):
    """What follows is set to zero first."""

    def targets(rew, terminated, truncated, next_val, gamma):
        after = next_val.detach().masked_fill(terminated, 0)
        return torch.add(rew, after, alpha=gamma)


class DoneIsDone(Mistake):
    """You have merged both flags into one "done". A step that the clock cut off has a future:
    the pole still stands. With rewards of 1, gamma 0.99 and a limit of 100 steps, a critic
    that cannot see the time learns half of the true value."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + gamma * next_val * ~(terminated | truncated)).detach()


class ClockAsEnd(Mistake):
    """The flags have changed places: you look ahead from where the task is over, and not from
    where only the clock stopped it."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + gamma * next_val * ~truncated).detach()


class NoEnd(Mistake):
    """You always look ahead. After the pole has fallen nothing can be earned, but the network
    says something of that observation all the same, and nobody ever corrects it there."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + gamma * next_val).detach()


class TurnedRound(Mistake):
    """The mask is the wrong way round: `terminated` is 1 where there is *no* future."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + gamma * next_val * terminated).detach()


class LastRewardLost(Mistake):
    """Your mask also takes the reward of the last step. It has been earned: only what would
    come after it is gone. In a task that pays at the goal alone, nothing would be left."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return ((rew + gamma * next_val) * ~terminated).detach()


class EachWithEach(Mistake):
    """Rewards stand in a column (B, 1) and values in a row (B,), so each reward has met the
    future of every other step: a table (B, B)."""

    rung = "shapes"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew[:, None] + gamma * next_val * ~terminated).detach()


class NoDiscount(Mistake):
    """gamma is missing: the value of what comes next counts in full. With rewards that never
    end, no finite value would satisfy this equation."""

    rung = "by_hand"

    def targets(rew, terminated, truncated, next_val, gamma):
        return (rew + next_val * ~terminated).detach()


class MovingTarget(Mistake):
    """The numbers are right, and a gradient reaches next_val. Then the loss is also made
    smaller by moving the *target* towards the value, which is another algorithm."""

    rung = "gradients"

    def targets(rew, terminated, truncated, next_val, gamma):
        return rew + gamma * next_val * ~terminated
