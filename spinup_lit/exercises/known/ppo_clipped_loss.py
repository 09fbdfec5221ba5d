# spinup_lit/exercises/known/ppo_clipped_loss.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:9351d3095baee28f
"""Known answers to the exercise `ppo-clipped-loss`."""

import torch

from spinup_lit import ppo
from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """The smaller of the two products: a sample gains nothing by going too far, and one
    that has been pulled the wrong way can pull back."""

    clipped_loss = ppo.clipped_loss


class Ceiling(Right):
    """Each sample has a ceiling, which depends on the sign of its advantage."""

    def clipped_loss(log_ratio, adv, clip_ratio):
        sign = torch.where(adv >= 0, 1.0, -1.0)
        return -torch.minimum(
            log_ratio.exp() * adv, (1 + clip_ratio * sign) * adv
        ).mean()


class Cases(Right):
    """One-sided clips, for good samples above and for bad ones below."""

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = torch.exp(log_ratio)
        good = ratio.clamp(max=1 + clip_ratio)
        bad = ratio.clamp(min=1 - clip_ratio)
        return torch.where(adv > 0, -good * adv, -bad * adv).sum() / len(adv)


class NoClip(Mistake):
    """Your answer does not clip at all: a good action gains also above 1 + clip_ratio.
    This is the surrogate of TRPO, without anything that keeps the policy near."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -(ratio * adv).mean()


class NoMinimum(Mistake):
    """You clip, and take no minimum. Look at a good action whose ratio has fallen to 0.7,
    pulled along by other samples: your loss is flat there, so this sample cannot pull
    back. The smaller of clipped and unclipped product is needed."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -(clipped * adv).mean()


class Uphill(Mistake):
    """The sign: this is the objective, to be climbed. An optimiser descends, so with this
    loss it makes good actions rarer."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return torch.min(ratio * adv, clipped * adv).mean()


class SumNotMean(Mistake):
    """You have added up the samples. With one sample that is the mean; with a minibatch of
    64 the steps of the policy are made from a gradient 64 times as long."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.min(ratio * adv, clipped * adv).sum()


class TableOfPairs(Mistake):
    """A column has met a vector: you multiply each ratio with each advantage, and average
    over the table. One sample alone does not show it. Both must be (B,)."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        adv = adv[:, None]
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.min(ratio * adv, clipped * adv).mean()


class OnePerSample(Mistake):
    """There is one loss per sample, and no mean over them. `backward` needs one number."""

    rung = "shapes"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.min(ratio * adv, clipped * adv)


class LargerOfTwo(Mistake):
    """You take the larger of the two products. The objective is pessimistic: it is never
    above the unclipped one."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.max(ratio * adv, clipped * adv).mean()


class LogarithmAsRatio(Mistake):
    """You have used the logarithm of the ratio as if it were the ratio. A policy that has
    not moved has the ratio 1, and log_ratio 0."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.min(ratio * adv, clipped * adv).mean()


class MinimumBeforeProduct(Mistake):
    """You take the smaller *ratio*, and then multiply. If the advantage is negative, the
    smaller ratio gives the larger product. Multiply first."""

    rung = "by_hand"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -(torch.min(ratio, clipped) * adv).mean()


class NoGradient(Mistake):
    """The value is right, and no gradient reaches log_ratio: somewhere the ratio has been
    detached. It is the *advantages* that are constants."""

    rung = "gradients"

    def clipped_loss(log_ratio, adv, clip_ratio):
        ratio = log_ratio.exp().detach().requires_grad_()
        clipped = ratio.clamp(1 - clip_ratio, 1 + clip_ratio)
        return -torch.min(ratio * adv, clipped * adv).mean()
