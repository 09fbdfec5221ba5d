# spinup_lit/exercises/known/mpi_weights.py: generated from book/depth/parallel.md; edit the chapter. sha256:710ed57930d080a8
"""Known answers to the exercise `mpi-weights`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """Each sample must count 1/B in the end; after a mean over ranks that divides by n, and a
    mean over the shard that divides by its size. And a batch varies within its shards and
    between them."""

    def factors(sizes):
        return len(sizes) * sizes / sizes.sum()

    def joint_std(sizes, means, stds):
        mean = sizes @ means / sizes.sum()
        return np.sqrt(sizes @ (stds**2 + (means - mean) ** 2) / sizes.sum())


class BySquares(Right):
    """The mean of squares, minus the square of the mean."""

    def factors(sizes):
        return sizes / np.mean(sizes)

    def joint_std(sizes, means, stds):
        share = sizes / sizes.sum()
        return np.sqrt(share @ (stds**2 + means**2) - (share @ means) ** 2)


class PairByPair(Right):
    """Shards joined one after the other."""

    def factors(sizes):
        return np.array([len(sizes) * n / sum(sizes) for n in sizes])

    def joint_std(sizes, means, stds):
        n, mean, total = 0, 0.0, 0.0
        for m, x, s in zip(sizes, means, stds):
            gap = x - mean
            total += m * s**2 + gap**2 * n * m / (n + m)
            n, mean = n + m, mean + gap * m / (n + m)
        return np.sqrt(total / n)


class SharesOnly(Mistake):
    """factors: these are the shares of the batch. But `avg_grads` divides by n once more, so
    with two equal shards every step would be half as long."""

    rung = "by_hand"

    def factors(sizes):
        return sizes / sizes.sum()


class SmallShardsMore(Mistake):
    """factors: upside down. A mean over one sample says less about the batch than a mean over
    three, and must count less."""

    rung = "by_hand"

    def factors(sizes):
        return sizes.sum() / (len(sizes) * sizes)


class NothingToDo(Mistake):
    """factors: with no factor, a sample of a small shard counts more than one of a large
    shard: 8 and {0, 0, 0} average to 4 instead of 2."""

    rung = "by_hand"

    def factors(sizes):
        return np.ones(len(sizes))


class SizesThemselves(Mistake):
    """factors: the proportions are right, the size is not. With equal shards nothing should
    change, so the factors must be 1 then."""

    rung = "by_hand"

    def factors(sizes):
        return 1.0 * sizes


class MeanOfDeviations(Mistake):
    """joint_std: you average deviations. It is squares that average, and the differences
    between the shards' means are lost altogether."""

    rung = "by_hand"

    def joint_std(sizes, means, stds):
        mean = sizes @ means / sizes.sum()
        return sizes @ stds / sizes.sum()


class WithinOnly(Mistake):
    """joint_std: you have what varies *within* the shards. They differ in their means, too:
    {8} and {0, 0, 0} do not vary within at all."""

    rung = "by_hand"

    def joint_std(sizes, means, stds):
        mean = sizes @ means / sizes.sum()
        return np.sqrt(sizes @ stds**2 / sizes.sum())


class PlainMean(Mistake):
    """joint_std: deviations must be taken from the mean of the *batch*, in which a large shard
    counts more. You have used the plain mean of the means."""

    rung = "by_hand"

    def joint_std(sizes, means, stds):
        mean = means.mean()
        return np.sqrt(sizes @ (stds**2 + (means - mean) ** 2) / sizes.sum())


class SquareLeft(Mistake):
    """joint_std: this is the variance. The square root is missing."""

    rung = "by_hand"

    def joint_std(sizes, means, stds):
        mean = sizes @ means / sizes.sum()
        return sizes @ (stds**2 + (means - mean) ** 2) / sizes.sum()
