# spinup_lit/exercises/known/pg_subtract.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:d61ec1a63f940044
"""Known answers to the exercise `pg-subtract`."""

from spinup_lit.exercises.form import Book, Mistake
from spinup_lit.machinery.arguments import inside


class TheBook(Book):
    """What is settled before the action is drawn may be subtracted, be it clever or not.
    With 4 episodes, a quarter of the mean is the episode's own return, which takes a quarter
    of the gradient away."""

    A, B, C, D, E, F = True, False, False, True, True, False
    FACTOR = 0.75


class PastForbidden(Mistake):
    """A: the previous reward depends on earlier actions, but when the action of step t is
    drawn, it is settled. Given all that is settled, the score is zero on average."""

    rung = "claim"
    A = False


class ActionAllowed(Mistake):
    """B depends on the action itself. Then score times baseline has a mean other than zero:
    for this one it is the gradient of the probability of "right"."""

    rung = "claim"
    B = True


class NextStateAllowed(Mistake):
    """C: it is a value, and of a state, but of one in which the action has a share. It takes
    away what the action earned by leading there."""

    rung = "claim"
    C = True


class TimeForbidden(Mistake):
    """D knows nothing of any action. It may be a useless baseline, and is no wrong one."""

    rung = "claim"
    D = False


class OthersForbidden(Mistake):
    """E depends on actions, but not on those of this episode: to this episode it is a
    constant, drawn beforehand."""

    rung = "claim"
    E = False


class AllAllowed(Mistake):
    """F: among all episodes is this one. Its own return depends on the action, and stands in
    the mean with weight 1/N."""

    rung = "claim"
    F = True


class NoFactor(Mistake):
    """If F changed nothing, it would be allowed. Which share of the mean is the episode's own
    return, and what does subtracting that share do?"""

    rung = "claim"
    FACTOR = 1.0


class FactorOfTheRest(Mistake):
    """That is the share which is taken away, not what is left."""

    rung = "claim"
    FACTOR = inside(0.2, 0.3)
