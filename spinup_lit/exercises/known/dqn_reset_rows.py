# spinup_lit/exercises/known/dqn_reset_rows.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:fe9fd6309c5a9a3b
"""Known answers to the exercise `dqn-reset-rows`."""

import numpy as np

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """In rows 4 and 9 no push explains the next observation, and the next row begins there: it
    is that of a reset, after a clock had cut the episode off. After a termination nothing is
    looked up, so there the mistake would do no harm."""

    ROWS = frozenset({4, 9})
    CAUSE = "b"
    TERMINAL = False

    def true_next(stepped, final, ended):
        return np.where(ended[:, None], final, stepped)


class ByIndex(Right):
    """A copy, in which rows are replaced."""

    def true_next(stepped, final, ended):
        found = stepped.copy()
        found[ended] = final[ended]
        return found


class RowByRow(Right):
    """One environment after the other."""

    def true_next(stepped, final, ended):
        return np.stack([f if e else s for s, f, e in zip(stepped, final, ended)])


class BeginningsBlamed(Mistake):
    """Rows 5 and 10 begin in odd places, but what they tell is true: this push, from there, leads
    where they say. It is the row *before* that says how one came there."""

    rung = "claim"
    ROWS = frozenset({5, 10})


class OnlyJump(Mistake):
    """You have found the jump of the position in row 9. There is another row with a speed that
    no push can make."""

    rung = "claim"
    ROWS = frozenset({9})


class OnlyStop(Mistake):
    """You have found row 4. Go on: five steps later it happens again, and there it is the
    position that jumps."""

    rung = "claim"
    ROWS = frozenset({4})


class PoleFell(Mistake):
    """A pole that is within 0.01 of upright does not fall in the next step. The angle may reach
    0.2 before an episode terminates."""

    rung = "claim"
    CAUSE = "a"


class Shifted(Mistake):
    """If rows were shifted, *every* push would go the wrong way. All others fit."""

    rung = "claim"
    CAUSE = "c"


class MixedUp(Mistake):
    """Of two environments, rows would alternate, and next_obs would not be the obs of the row
    below. Here it always is, also after rows 4 and 9."""

    rung = "claim"
    CAUSE = "d"


class SpoilsTerminal(Mistake):
    """After a step that terminated, the target is the reward alone: next_obs is not looked at,
    and may be anything."""

    rung = "claim"
    TERMINAL = True


class TurnedRound(Mistake):
    """The mask is the wrong way round: where an episode has *ended* the true observation is in
    `final`."""

    rung = "by_hand"

    def true_next(stepped, final, ended):
        return np.where(ended[:, None], stepped, final)


class AsStepped(Mistake):
    """This is the buffer of the exercise, with its mistake: where an episode has ended, `stepped`
    belongs to the next one."""

    rung = "by_hand"

    def true_next(stepped, final, ended):
        return stepped.copy()


class WrongAxis(Mistake):
    """Your mask runs along the numbers of an observation instead of the environments. With two
    environments and two numbers it even fits. Give it a second axis: `ended[:, None]`."""

    rung = "by_hand"

    def true_next(stepped, final, ended):
        return np.where(ended[None, : stepped.shape[1]], final, stepped)


class MaskByProduct(Mistake):
    """You multiply by a mask. The other rows of `final` mean nothing, and may be NaN; zero times
    NaN is NaN. Choose, do not multiply."""

    rung = "oracle"

    def true_next(stepped, final, ended):
        keep = 1 - ended[:, None].astype(stepped.dtype)
        return keep * stepped + (1 - keep) * final


class AllOrNone(Mistake):
    """If one episode has ended, you take `final` for all environments. Its other rows mean
    nothing."""

    rung = "by_hand"

    def true_next(stepped, final, ended):
        return final if ended.any() else stepped
