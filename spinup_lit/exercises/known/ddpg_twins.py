# spinup_lit/exercises/known/ddpg_twins.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:6a1e761ef3cb826a
"""Known answers to the exercise `ddpg-twins`."""

from spinup_lit.exercises.form import Book, Mistake, Right, Variants

PARTS = {
    "critic": "ddpg:solution-twins-critic",
    "target": "ddpg:solution-twins-target",
    "loss": "ddpg:solution-twins-loss",
    "policy": "ddpg:solution-twins-policy",
    "value": "ddpg:solution-twins-value",
}


def with_parts(**others: str) -> Variants:
    """The book's change, with some of its parts replaced, or left out."""
    parts = {**PARTS, **others}
    return Variants("spinup_lit/ddpg.py", tuple(x for x in parts.values() if x))


class TheBook(Book):
    """A critic with two networks, and everybody who asks it says which opinion is meant: the
    smaller in targets, the first for the policy, both in the loss."""

    MODULE = with_parts()


class TwinsOfTD3(Right):
    """TD3 itself has another interface; this is the same change with the loss left as a mean of
    all, and doubled."""

    MODULE = with_parts(loss="ddpg:twins-twice-the-mean")


class Unchanged(Mistake):
    """This is DDPG as it stands in the chapter: one critic. Have you edited the chapter, and run
    `make tangle`?"""

    rung = "shapes"
    MODULE = "spinup_lit.ddpg"


class OneTwice(Mistake):
    """Both critics are one network. It has one opinion, so the smaller one is no more careful.
    They must begin with parameters of their own."""

    rung = "shapes"
    MODULE = with_parts(critic="ddpg:twins-alike")


class LargerOpinion(Mistake):
    """target: the larger of the two opinions. This makes what is too large larger."""

    rung = "by_hand"
    MODULE = with_parts(target="ddpg:twins-larger")


class OneJudge(Mistake):
    """target: the second critic exists, and the target does not ask it. It costs time, and
    changes nothing."""

    rung = "by_hand"
    MODULE = with_parts(target="ddpg:twins-first-only")


class MeanOfAll(Mistake):
    """critic_loss: the mean over both critics halves the gradient of each. Add their losses up,
    and each learns as if it were alone."""

    rung = "by_hand"
    MODULE = with_parts(loss="")


class ClimbsSmaller(Mistake):
    """update: the policy climbs the smaller opinion. That is what SAC does. Here it should climb
    the first."""

    rung = "gradients"
    MODULE = with_parts(policy="ddpg:twins-smaller-climbed")


class ClimbsBoth(Mistake):
    """update: the policy climbs the mean of both opinions, since `actor_loss` averages all that
    it is given. It should get the first only."""

    rung = "gradients"
    MODULE = with_parts(policy="")
