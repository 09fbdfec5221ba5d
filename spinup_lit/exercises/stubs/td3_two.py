# spinup_lit/exercises/stubs/td3_two.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:eb1d1600277d9098
"""Two actions.

In a state there are two actions, and both are truly worth 0. An estimate of each is -1 or
+1, by the toss of a coin. The policy takes the action with the larger estimate (the first
if they are equal). A second estimate of each action is made by coins of its own.

What is, on average over all coins,
    MAXIMUM    the first estimate of the action taken;
    SECOND     the second estimate of it;
    SMALLER    the smaller of the two estimates of it;
    MEAN       the mean of the two?

Predict, then count: there are sixteen cases. Last: does SMALLER lie nearer to 0 with two
actions or with four? MORE_ACTIONS is "nearer" or "farther", for four against two.
"""

MAXIMUM: float | None = None
SECOND: float | None = None
SMALLER: float | None = None
MEAN: float | None = None
MORE_ACTIONS: str | None = None
