# spinup_lit/exercises/known/vpg_doubled_rewards.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:24c854bc7c2fb890
"""Known answers to the exercise `vpg-doubled-rewards`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import inside


class TheBook(Book):
    """Normalised advantages have no unit. Without the normalisation the gradient has the unit
    of the rewards, and Adam takes it away again. The critic's loss has it twice."""

    GRADIENT = 1.0
    GRADIENT_PLAIN = 2.0
    ADAM_PLAIN = 1.0
    CRITIC_LOSS = 4.0
    CRITIC_GRADIENT = 2.0


class NotNormalised(Mistake):
    """All advantages double, and so does their deviation, by which they are divided."""

    rung = "claim"
    GRADIENT = 2.0


class PlainIsLinear(Mistake):
    """The loss is linear in the advantages, and with this critic they double. Nothing in it
    divides by anything."""

    rung = "claim"
    GRADIENT_PLAIN = inside(-10, 1.99)


class PlainSquared(Mistake):
    """No square is taken in the loss of the policy: it is a mean of products."""

    rung = "claim"
    GRADIENT_PLAIN = 4.0


class AdamFollows(Mistake):
    """Adam divides the gradient by the root of the mean of its squares: in the first step,
    by its own length, in each parameter. A factor is gone after that."""

    rung = "claim"
    ADAM_PLAIN = 2.0


class AdamHalves(Mistake):
    """Adam divides by something that doubles, but what it divides has doubled, too."""

    rung = "claim"
    ADAM_PLAIN = 0.5


class LossLinear(Mistake):
    """The error doubles. What is its square?"""

    rung = "claim"
    CRITIC_LOSS = 2.0


class LossUnchanged(Mistake):
    """The critic learns the targets as they are, before any normalisation, and these have
    doubled."""

    rung = "claim"
    CRITIC_LOSS = 1.0


class SlopeSquared(Mistake):
    """That is the factor of the loss. The derivative of a square is linear in the error."""

    rung = "claim"
    CRITIC_GRADIENT = 4.0


class SlopeUnchanged(Mistake):
    """The gradient of (V - R)^2 in V is 2 (V - R). V is 0, and R has doubled."""

    rung = "claim"
    CRITIC_GRADIENT = 1.0
