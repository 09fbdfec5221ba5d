# spinup_lit/exercises/stubs/ddpg_flat_critic.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:ff2b276334daf817
"""A critic without an opinion.

Two programs, DDPG on Pendulum, from the same seed. The second one has a mistake.

           this chapter's                         the other one
    steps  TestEpRet    QVals  StdQVals  LossQ    TestEpRet    QVals  StdQVals  LossQ
    2,000    -1390.5    -18.3      12.7    0.6      -1655.4    -16.7       7.1   16.8
    4,000     -115.9    -66.0      28.8    0.5       -915.2    -74.0       8.7   11.3
    6,000     -159.8    -67.9      57.0    1.2       -860.4   -127.7       7.0   12.7
    8,000     -122.5    -60.3      72.7    2.1       -820.6   -170.6       5.8   14.7

TestEpRet is the mean return of test episodes; QVals and StdQVals are mean and deviation
of the critic's values in the batches; LossQ is its loss.

CAUSE is one of
    "a"  the learning rate of the critic is a hundred times too large;
    "b"  the slow copy of the critic is never updated;
    "c"  the critic puts out (B, 1) and the targets are (B,), or the other way round;
    "d"  the sign of the actor's loss is wrong: it descends the critic;
    "e"  the replay buffer holds only the newest batch.

Then write, for that mistake, the derivative of the critic's loss in each of its values.
And say with which batch size the mistake would do no harm.
"""

import numpy as np

CAUSE: str | None = None
BATCH_SIZE: int | None = None


def slope(q: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The derivative of the loss in each value.

    Args:
        q: values of the critic, (B,), as they would be without the mistake.
        y: their targets, (B,), constants.
    """
    raise NotImplementedError
