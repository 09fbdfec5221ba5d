# spinup_lit/exercises/stubs/dqn_bias.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:100c1fc20cf8bfd9
"""Your own diagnosis.

The last row of the log of a run on CartPole, where each step pays 1 and a clock cuts an
episode off after 500 steps. gamma is 0.99.

    AverageTestEpRet   500.0
    AverageQVals       250.0
    LossQ               0.15

STATE is one of
    "a"  all is well: the return is the best there is, and so the values are right;
    "b"  the values are too large to be true, and the agent is perfect all the same;
    "c"  the values are right, for they are about half of the return: it is discounted;
    "d"  the values are too small, for a return of 500 was earned.

HIGHEST is the largest discounted return that anybody can earn here, however long.

Then write what AverageQBias says of such a run: what the agent expects at the beginning
of an episode, minus what it then gets, discounted. The clock does not end the task, so
what it expects *after* the last step counts among what it gets.
"""

STATE: str | None = None
HIGHEST: float | None = None


def bias(q: float, rew: float, gamma: float, steps: int) -> float:
    """The bias of a critic that says q of every observation.

    Args:
        q: what it says.
        rew: the reward of each step.
        gamma: discount factor, below 1.
        steps: after how many steps the clock cuts the episode off.
    """
    raise NotImplementedError
