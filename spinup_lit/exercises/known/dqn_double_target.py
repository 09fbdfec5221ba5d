# spinup_lit/exercises/known/dqn_double_target.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:c062f0ed5792a118
"""Known answers to the exercise `dqn-double-target`."""

import torch

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The quick network chooses, the slow one judges. A choice that profits from an error of
    the one is judged by the other, which need not share it."""

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = next_q_slow.gather(-1, best).squeeze(-1)
        return (rew + gamma * next_val * ~terminated).detach()


class ByIndex(Right):
    """Row and column, counted."""

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        with torch.no_grad():
            rows = torch.arange(len(rew))
            after = next_q_slow[rows, next_q.max(-1).indices]
            return torch.where(terminated, rew, rew + gamma * after)


class ByMask(Right):
    """A row of zeros and a one."""

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        chosen = torch.nn.functional.one_hot(next_q.argmax(1), next_q.shape[1])
        after = torch.einsum("ba,ba->b", chosen.to(next_q), next_q_slow.detach())
        return rew + gamma * after * (~terminated).to(rew)


class RolesSwapped(Mistake):
    """The networks have changed places: the slow one chooses and the quick one judges. So
    the judge is the network that moves with every update, and targets move with it."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q_slow.argmax(-1, keepdim=True)
        next_val = next_q.gather(-1, best).squeeze(-1)
        return (rew + gamma * next_val * ~terminated).detach()


class PlainMaximum(Mistake):
    """The slow network chooses and judges: this is the maximum of DQN, in two lines, and too
    large on average, as a maximum over errors is."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q_slow.argmax(-1, keepdim=True)
        next_val = next_q_slow.gather(-1, best).squeeze(-1)
        return (rew + gamma * next_val * ~terminated).detach()


class WithoutSlowCopy(Mistake):
    """The quick network chooses and judges: a maximum again, and of the network that is being
    trained. This is DQN without a target network."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = next_q.gather(-1, best).squeeze(-1)
        return (rew + gamma * next_val * ~terminated).detach()


class SmallerOfBoth(Mistake):
    """You take the smaller opinion of each action, and then the best of those. This is nearer
    to TD3's target. In double DQN one network chooses and the other judges."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = torch.min(next_q, next_q_slow).max(-1).values
        return (rew + gamma * next_val * ~terminated).detach()


class ColumnLeft(Mistake):
    """`gather` gives a column (B, 1). Added to the rewards (B,) it makes a table (B, B):
    each reward with the future of every other step."""

    rung = "shapes"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = next_q_slow.gather(-1, best)
        return (rew + gamma * next_val * ~terminated).detach()


class OneChoiceForAll(Mistake):
    """You choose one action for the whole batch: an argmax without an axis runs over all
    rows. Each observation has a best action of its own."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax() % next_q.shape[-1]
        next_val = next_q_slow[:, best]
        return (rew + gamma * next_val * ~terminated).detach()


class NoEnd(Mistake):
    """You look ahead also where the task is over."""

    rung = "by_hand"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = next_q_slow.gather(-1, best).squeeze(-1)
        return (rew + gamma * next_val).detach()


class MovingTarget(Mistake):
    """The numbers are right, and a gradient reaches a network through the target. Targets
    are constants."""

    rung = "gradients"

    def double_targets(rew, terminated, next_q, next_q_slow, gamma):
        best = next_q.argmax(-1, keepdim=True)
        next_val = next_q_slow.gather(-1, best).squeeze(-1)
        return rew + gamma * next_val * ~terminated
