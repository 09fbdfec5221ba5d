# spinup_lit/exercises/known/trpo_value_steps.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:970f71989f866209
"""Known answers to the exercise `trpo-value-steps`."""

from spinup_lit.exercises.form import Book, Mistake


class TheBook(Book):
    """B never moves, C has learned one number, A tells states apart. The batches of epochs 0
    and 1 are the same in all, because the critic learns after the policy's step. And one
    seed each is no comparison of programs."""

    A, B, C = 80, 0, 5
    FIRST = 2
    TELLS = False


class LevelAlone(Mistake):
    """You have taken the values that grow most slowly for those of the untrained critic. An
    untrained critic does not grow at all: look for VVals that stay where they began."""

    rung = "claim"
    A, B, C = 80, 5, 0


class LossAlone(Mistake):
    """You have swapped A and C. LossV has the unit of squared returns, which grow, so it
    grows in a good run as well. StdV and ExplVar say whose critic tells states apart."""

    rung = "claim"
    A, B, C = 5, 0, 80


class LossAsSuccess(Mistake):
    """B is the run whose critic is worst in every row: its loss is that of a constant."""

    rung = "claim"
    A, B, C = 0, 80, 5


class AtOnce(Mistake):
    """In epoch 0 the batch is drawn before anything is trained. Epoch 0 cannot differ."""

    rung = "claim"
    FIRST = 0


class AfterOneFit(Mistake):
    """In epoch 0 the policy steps first, judged by a critic that is the same in all runs. So
    the policies are still the same when the batch of epoch 1 is drawn."""

    rung = "claim"
    FIRST = 1


class LaterStill(Mistake):
    """In epoch 1 the critics differ, so the policies' steps do. Which batch do those policies
    draw?"""

    rung = "claim"
    FIRST = 3


class OneSeed(Mistake):
    """One run each, and they end at 179.5 and 173.8. Another seed of the same program might
    differ by as much; that 80 steps give a better *critic* is another statement."""

    rung = "claim"
    TELLS = True
