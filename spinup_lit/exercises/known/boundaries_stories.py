# spinup_lit/exercises/known/boundaries_stories.py: generated from book/depth/boundaries.md; edit the chapter. sha256:b48a81d2a9b7b75a
"""Known answers to the exercise `boundaries-stories`."""

from spinup_lit.exercises.form import Book, Mistake

FLAGS = dict(
    zip(
        "abcdefgh",
        ["terminated", "truncated", "both", "neither", "truncated", "truncated"],
    )
) | {"g": "terminated", "h": "terminated"}
FUTURE = dict.fromkeys("bdef", "value") | dict.fromkeys("acgh", "nothing")


class TheBook(Book):
    """What is over in the task is terminated, and has no future. Clocks and cameras truncate,
    and the last observation is worth what it always is. A full batch ends nothing."""

    FLAGS = FLAGS
    FUTURE = FUTURE


class LimitIsDeath(Mistake):
    """You take the limit for the end of the task. The pole stands at step 500, and whoever cuts
    the episode there says something about a clock, not about the pole."""

    rung = "claim"
    FLAGS = FLAGS | {"b": "terminated", "e": "terminated"}


class LimitWins(Mistake):
    """In story c the pole *has* fallen: the task is over, and the limit happens to come in the
    same step. Both flags are set, and `terminated` decides."""

    rung = "claim"
    FLAGS = FLAGS | {"c": "truncated"}


class DeathAlone(Mistake):
    """The pole falls in the very step in which the limit is reached. Both are true, and an
    environment reports both."""

    rung = "claim"
    FLAGS = FLAGS | {"c": "terminated"}


class BatchIsAnEnd(Mistake):
    """A full batch is no end of an episode: the environment has not said anything. The
    estimate is cut there and looks ahead by the value, but no flag is set."""

    rung = "claim"
    FLAGS = FLAGS | {"d": "truncated"}


class CameraIsDeath(Mistake):
    """The laboratory stops the episode because of its camera. The robot could have walked on,
    and walking there was no mistake: nothing of the task is over."""

    rung = "claim"
    FLAGS = FLAGS | {"f": "terminated"}


class WhistleIsClock(Mistake):
    """A match is over with the whistle: nobody can score after it. It comes by the clock, but
    here the clock is a part of the task."""

    rung = "claim"
    FLAGS = FLAGS | {"g": "truncated", "h": "truncated"}


class UnseenIsTruncated(Mistake):
    """Whether the agent *sees* the time does not change what is true: the match is over. That
    the value is no function of the observation is another trouble; show it the scoreboard."""

    rung = "claim"
    FLAGS = FLAGS | {"h": "truncated"}


class ResetIsNext(Mistake):
    """After the last step comes the reset, but nothing leads there: it is the beginning of
    another episode. The last observation is what the step led to."""

    rung = "claim"
    FUTURE = FUTURE | dict.fromkeys("bef", "reset")


class NothingAfterClock(Mistake):
    """You let nothing follow where a clock has cut. Then the values near the limit are too low,
    although the pole stands as well as ever."""

    rung = "claim"
    FUTURE = FUTURE | dict.fromkeys("bef", "nothing")


class BothIsAlive(Mistake):
    """If both flags are set, the task is over: nothing follows. The limit does not bring the
    pole up again."""

    rung = "claim"
    FUTURE = FUTURE | {"c": "value"}
