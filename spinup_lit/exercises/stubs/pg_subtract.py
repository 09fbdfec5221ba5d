# spinup_lit/exercises/stubs/pg_subtract.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:69aa350736e1e95e
"""What may be subtracted?

The weight of step t is the reward-to-go minus something. Which of these may that be, so
that the *expectation* of the estimate of the policy gradient stays exactly what it was?

    A  seven times the previous reward;
    B  one if the action of step t is "right", else zero;
    C  the exact value of the state that follows step t;
    D  the number t;
    E  the mean return of the *other* episodes of the batch;
    F  the mean return of *all* episodes of the batch.

Write True (may) or False (may not). For F, say as well by which factor the expectation
is multiplied, if a batch has 4 episodes and the weight is return minus that mean.
"""

A: bool | None = None
B: bool | None = None
C: bool | None = None
D: bool | None = None
E: bool | None = None
F: bool | None = None
FACTOR: float | None = None  # for F, with 4 episodes
