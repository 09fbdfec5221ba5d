# spinup_lit/exercises/known/dqn_bias.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:317262a4e6fe25e7
"""Known answers to the exercise `dqn-bias`."""

from spinup_lit.exercises.form import Book, Mistake, Right


class TheBook(Book):
    """No return is above 1 / (1 - gamma) = 100, so values of 250 are impossible. The agent is
    perfect all the same: only the order of the values matters for acting. What it gets is
    500 discounted rewards, and its own word for the rest."""

    STATE = "b"
    HIGHEST = 100.0

    def bias(q, rew, gamma, steps):
        kept = gamma**steps
        return q * (1 - kept) - rew * (1 - kept) / (1 - gamma)


class StepByStep(Right):
    """A sum, reward by reward."""

    def bias(q, rew, gamma, steps):
        earned = sum(rew * gamma**t for t in range(steps))
        return q - (earned + gamma**steps * q)


class DistanceToTruth(Right):
    """The distance from the true value, less what is left of it at the end."""

    def bias(q, rew, gamma, steps):
        return (q - rew / (1 - gamma)) * (1 - gamma**steps)


class AllIsWell(Mistake):
    """A perfect return does not make the values right: to act well, only their order must be.
    Compare 250 with what can be earned at most, discounted."""

    rung = "claim"
    STATE = "a"


class HalfOfIt(Mistake):
    """A discounted return may be below the plain one, that is true. But compute it: can it be
    250, at gamma 0.99?"""

    rung = "claim"
    STATE = "c"


class TooSmall(Mistake):
    """You compare a discounted value with a return that is not: 500 rewards, of which the
    last is worth 0.99^499 = 0.007 at the beginning."""

    rung = "claim"
    STATE = "d"


class NotDiscounted(Mistake):
    """500 is the plain return. Values are discounted: 1 + 0.99 + 0.99^2 + ..."""

    rung = "claim"
    HIGHEST = 500.0


class CutIsDeath(Mistake):
    """You let nothing follow the last step. The clock does not end the task: what the critic
    says of the last observation belongs to what the agent gets, discounted."""

    rung = "by_hand"

    def bias(q, rew, gamma, steps):
        kept = gamma**steps
        return q - rew * (1 - kept) / (1 - gamma)


class PlainSum(Mistake):
    """You compare with the plain sum of the rewards. The critic speaks of the discounted
    one."""

    rung = "by_hand"

    def bias(q, rew, gamma, steps):
        kept = gamma**steps
        return q * (1 - kept) - rew * steps


class TurnedRound(Mistake):
    """The sign: what was expected, minus what came. A critic that promises too much has a
    positive bias."""

    rung = "by_hand"

    def bias(q, rew, gamma, steps):
        kept = gamma**steps
        return rew * (1 - kept) / (1 - gamma) - q * (1 - kept)


class OneShort(Mistake):
    """You count one step too few: with one step there is one reward, and what follows is
    discounted once."""

    rung = "by_hand"

    def bias(q, rew, gamma, steps):
        kept = gamma ** (steps - 1)
        return q * (1 - kept) - rew * (1 - kept) / (1 - gamma)
