# spinup_lit/exercises/stubs/sac_thermostats.py: generated from book/offpolicy/sac.md; edit the chapter. sha256:ba0d3be202b951fc
"""Two broken thermostats.

Three programs, SAC on Pendulum, from the same seed; the action lies in [-2, 2] and the
wanted entropy is -0.31. The first is the chapter's. In each of the other two one line is
wrong.

           the chapter's             the second                the third
    steps  TestEpRet Entropy  Alpha  TestEpRet Entropy  Alpha  TestEpRet Entropy  Alpha
    1,000    -1184.2    1.00   1.00    -1184.2    1.00   1.00    -1404.5    1.71   1.00
    2,000    -1567.4    1.23   0.67    -1287.0    1.36   1.93    -1142.6    3.41   0.66
    3,000     -951.3    0.69   0.35    -1316.7    1.37   9.73    -1013.8    3.42   0.32
    4,000     -128.8   -0.03   0.26    -1065.0    1.38  74.92     -163.5    3.41   0.18

TestEpRet is the mean return of five test episodes. SECOND and THIRD are each one of
    "a"  `temperature_loss` has the wrong sign;
    "b"  `log_prob` is the density of u, before tanh and scale;
    "c"  the temperature has no optimiser: it stays what it was;
    "d"  the wanted entropy is that of an action in [-2000, 2000];
    "e"  the policy's loss has the wrong sign before its entropy.

Then write the largest entropy that any policy can have, for actions within bounds.
"""

import numpy as np

SECOND: str | None = None
THIRD: str | None = None


def most_entropy(low: np.ndarray, high: np.ndarray) -> float:
    """The largest entropy of an action whose parts lie within these bounds, (act_dim,)."""
    raise NotImplementedError
