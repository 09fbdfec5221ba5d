# spinup_lit/exercises/known/vpg_entropy_bonus.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:4b24d65330ba8ac1
"""Known answers to the exercise `vpg-entropy-bonus`."""

from spinup_lit.exercises.form import Book, Mistake, Variants

REST = (
    "vpg:solution-bonus-argument",
    "vpg:solution-bonus-meaning",
    "vpg:solution-bonus-parameter",
    "vpg:solution-bonus-train",
)


def changed(update: str) -> Variants:
    """VPG with this update, and the rest of the book's answer."""
    return Variants("spinup_lit/vpg.py", (update, *REST))


class TheBook(Book):
    """The entropy of the distribution has a gradient, and an optimiser descends, so it is
    subtracted from the loss. The range in the annotation is all that the check needs."""

    MODULE = changed("vpg:solution-bonus-update")


class Punished(Mistake):
    """The sign: you have added the entropy to the loss, and the loss is descended. The more
    weight, the sooner the policy is certain of something, whatever it is."""

    rung = "gradients"
    MODULE = changed("vpg:bonus-subtracted")


class Summed(Mistake):
    """You have summed the entropy over the batch, where the loss is a mean: the bonus counts
    B times as much, and a batch of another size needs another weight."""

    rung = "gradients"
    MODULE = changed("vpg:bonus-summed")


class Sampled(Mistake):
    """You have used -log pi of the actions drawn for the entropy. Its mean is right, and its
    gradient is the mean of scores, which is zero on average: it adds noise, and no wish to
    be random. Ask the distribution for its entropy."""

    rung = "gradients"
    MODULE = changed("vpg:bonus-sampled")


class Constant(Mistake):
    """The bonus is in the loss as a plain number, without a gradient: the loss has another
    value, and the policy takes the same step as before. Look for .item() or detach, or for
    a bonus that joins the loss only after backward()."""

    rung = "gradients"
    MODULE = changed("vpg:bonus-constant")
