# spinup_lit/exercises/stubs/dqn_reset_rows.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:1674aa1de7fefd19
"""A row too many.

Eleven rows of a replay buffer, in the order in which they were added: CartPole, one
environment. An observation is position, speed, angle and angular speed; action 0 pushes
to the left, 1 to the right, and one push changes the speed by about 0.2.

    row   obs                          act  next_obs                     rew  terminated
     0    -0.04  -0.03   0.03   0.01    1   -0.04   0.17   0.03  -0.27    1    False
     1    -0.04   0.17   0.03  -0.27    1   -0.04   0.36   0.02  -0.56    1    False
     2    -0.04   0.36   0.02  -0.56    0   -0.03   0.17   0.01  -0.26    1    False
     3    -0.03   0.17   0.01  -0.26    1   -0.03   0.36   0.01  -0.55    1    False
     4    -0.03   0.36   0.01  -0.55    1   -0.04  -0.01  -0.00  -0.03    1    False
     5    -0.04  -0.01  -0.00  -0.03    0   -0.04  -0.20  -0.00   0.26    1    False
     6    -0.04  -0.20  -0.00   0.26    1   -0.04  -0.01   0.00  -0.04    1    False
     7    -0.04  -0.01   0.00  -0.04    1   -0.04   0.19   0.00  -0.33    1    False
     8    -0.04   0.19   0.00  -0.33    1   -0.04   0.38  -0.00  -0.62    1    False
     9    -0.04   0.38  -0.00  -0.62    0    0.02  -0.04  -0.01   0.00    1    False
    10     0.02  -0.04  -0.01   0.00    1    0.02   0.16  -0.01  -0.29    1    False

ROWS is the set of rows that tell of something that never happened.

CAUSE is one of
    "a"  the pole fell there, and `terminated` should be True;
    "b"  a clock cut the episode off; the observation after the reset was stored;
    "c"  actions and observations are shifted by one row;
    "d"  the rows of two environments were mixed up.

TERMINAL says whether the same mistake would spoil the targets of steps that *terminate*.

Then write the repair. An environment steps N copies and resets those that have ended at
once: `stepped` then holds the first observation of their *new* episode. The true last one
is in `final`, whose other rows mean nothing.
"""

import numpy as np

ROWS: set[int] | None = None  # such as {1, 2}
CAUSE: str | None = None
TERMINAL: bool | None = None


def true_next(stepped: np.ndarray, final: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """What belongs into the buffer as next_obs, (N, obs_dim).

    Args:
        stepped: observations after the step, of a new episode where one has ended,
            (N, obs_dim).
        final: where an episode has ended, its true last observation, (N, obs_dim).
        ended: whether it has, for whichever reason, (N,) bool.
    """
    raise NotImplementedError
