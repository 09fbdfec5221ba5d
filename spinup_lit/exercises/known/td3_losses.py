# spinup_lit/exercises/known/td3_losses.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:c64872b121d403e3
"""Known answers to the exercise `td3-losses`."""

import torch

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The smaller opinion, a constant; the sum of two mean squares, so that each critic learns
    as if it were alone; and minus the first critic's opinion, through which the gradient
    passes to the policy."""

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.min(dim=0).values
        return (rew + gamma * next_val * ~terminated).detach()

    def td3_critic_loss(q, y):
        return ((q - y) ** 2).mean(dim=1).sum()

    def td3_actor_loss(q):
        return -q[0].mean()


class RowByRow(Right):
    """One critic after the other."""

    def td3_target(rew, terminated, next_q, gamma):
        with torch.no_grad():
            first, second = next_q
            smaller = torch.where(first < second, first, second)
            return torch.where(terminated, rew, rew + gamma * smaller)

    def td3_critic_loss(q, y):
        mse = torch.nn.functional.mse_loss
        return mse(q[0], y) + mse(q[1], y)

    def td3_actor_loss(q):
        first, _ = q
        return first.neg().mean()


class BySums(Right):
    """Everything from sums."""

    def td3_target(rew, terminated, next_q, gamma):
        q = next_q.detach()
        smaller = (q.sum(0) - (q[0] - q[1]).abs()) / 2
        return rew + gamma * smaller * (~terminated).to(rew)

    def td3_critic_loss(q, y):
        return (q - y[None]).square().sum() / len(y)

    def td3_actor_loss(q):
        return (q * torch.tensor([[-1.0], [0.0]]).to(q)).sum() / q.shape[1]


class LargerOpinion(Mistake):
    """td3_target: you take the larger opinion. The policy has climbed to where a critic errs
    upwards; the larger of two makes that worse, the smaller one mends it."""

    rung = "by_hand"

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.max(dim=0).values
        return (rew + gamma * next_val * ~terminated).detach()


class MeanOpinion(Mistake):
    """td3_target: you average both opinions. That halves an error upwards and does not take it
    away; TD3 takes the smaller one."""

    rung = "by_hand"

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.mean(dim=0)
        return (rew + gamma * next_val * ~terminated).detach()


class SmallestOfAll(Mistake):
    """td3_target: you take the smallest number of the whole batch: a minimum without an axis.
    Each step has two opinions of its own."""

    rung = "by_hand"

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.min()
        return (rew + gamma * next_val * ~terminated).detach()


class NoEnd(Mistake):
    """td3_target: you look ahead also where the task is over."""

    rung = "by_hand"

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.min(dim=0).values
        return (rew + gamma * next_val).detach()


class MovingTarget(Mistake):
    """td3_target: the numbers are right, and a gradient can flow into the target. It is a
    constant."""

    rung = "gradients"

    def td3_target(rew, terminated, next_q, gamma):
        next_val = next_q.min(dim=0).values
        return rew + gamma * next_val * ~terminated


class MeanOfCritics(Mistake):
    """td3_critic_loss: you average over the critics, too. Half the loss is half the gradient for
    each: a critic beside a second one would learn at half its rate."""

    rung = "by_hand"

    def td3_critic_loss(q, y):
        return ((q - y) ** 2).mean()


class WrongAxis(Mistake):
    """td3_critic_loss: you average over the critics and add up the *batch*. So a batch of 64 has
    a gradient 32 times as long. The critics lie along axis 0, the batch along axis 1."""

    rung = "properties"

    def td3_critic_loss(q, y):
        return ((q - y) ** 2).mean(dim=0).sum()


class SmallerIsTrained(Mistake):
    """td3_critic_loss: you train the smaller opinion only. The minimum belongs into the target;
    both critics learn, each from its own error, or the other drifts away."""

    rung = "by_hand"

    def td3_critic_loss(q, y):
        return ((q.min(dim=0).values - y) ** 2).mean()


class Downhill(Mistake):
    """td3_actor_loss: the sign. An optimiser descends, so this policy looks for what the critic
    likes *least*."""

    rung = "by_hand"

    def td3_actor_loss(q):
        return q[0].mean()


class ClimbsSmaller(Mistake):
    """td3_actor_loss: you climb the smaller opinion, as SAC does. TD3's policy asks the first
    critic only."""

    rung = "by_hand"

    def td3_actor_loss(q):
        return -q.min(dim=0).values.mean()


class CutOff(Mistake):
    """td3_actor_loss: the value is right, and no gradient passes. You have detached what the
    policy must climb: the critic's parameters are spared by the optimiser, not by `detach`."""

    rung = "gradients"

    def td3_actor_loss(q):
        return -q[0].detach().mean()
