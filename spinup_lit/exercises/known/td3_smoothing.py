# spinup_lit/exercises/known/td3_smoothing.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:5115be8bb8f94068
"""Known answers to the exercise `td3-smoothing`."""

import torch

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Two clips in two units: the noise in half ranges, the action in its own. So the same
    numbers serve a machine whose parts have different bounds."""

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return (act + noise * (high - low) / 2).clamp(low, high)


class InUnits(Right):
    """Everything in [-1, 1] first, and back at the end."""

    def smoothed(act, noise, low, high, noise_clip):
        middle, reach = (high + low) / 2, (high - low) / 2
        u = (act - middle) / reach + torch.clamp(noise, -noise_clip, noise_clip)
        return middle + reach * u.clamp(-1, 1)


class ByExtremes(Right):
    """The bounds and the clip as one interval."""

    def smoothed(act, noise, low, high, noise_clip):
        reach = (high - low) / 2
        least = torch.maximum(low, act - noise_clip * reach)
        most = torch.minimum(high, act + noise_clip * reach)
        return torch.minimum(torch.maximum(act + noise * reach, least), most)


class NotScaled(Mistake):
    """You add the noise as it is. It is meant in half ranges: 0.1 of a valve in [0, 2000] is
    100, and you have moved it by 0.1."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return (act + noise).clamp(low, high)


class WholeRange(Mistake):
    """A factor of 2: the noise is meant in multiples of *half* the range."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return (act + noise * (high - low)).clamp(low, high)


class SymmetricBounds(Mistake):
    """You take the upper bound for half the range, and its negative for the lower bound. That
    fits [-2, 2], and neither [0, 2000] nor [-1, 3]."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return (act + noise * high).clamp(-high, high)


class FirstBoundForAll(Mistake):
    """You use the bounds of the first part for all parts. Each has its own."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return (act + noise * (high - low)[0] / 2).clamp(low[0], high[0])


class OutOfBounds(Mistake):
    """Your actions can leave the bounds. The critic has never seen such actions, and what it
    says of them becomes a target."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(-noise_clip, noise_clip)
        return act + noise * (high - low) / 2


class LargeNoise(Mistake):
    """The noise is not clipped: `noise_clip` has no effect. Now and then the target asks about
    an action that is far away."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise * 1
        return (act + noise * (high - low) / 2).clamp(low, high)


class OneSide(Mistake):
    """You clip the noise on one side only. The other way it can be of any size."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = noise.clamp(max=noise_clip)
        return (act + noise * (high - low) / 2).clamp(low, high)


class ClippedTooLate(Mistake):
    """You scale the noise first and clip it then, so that `noise_clip` is in units of the
    action: half a unit of a valve that has two thousand. Clip first, then scale."""

    rung = "by_hand"

    def smoothed(act, noise, low, high, noise_clip):
        noise = (noise * (high - low) / 2).clamp(-noise_clip, noise_clip)
        return (act + noise).clamp(low, high)
