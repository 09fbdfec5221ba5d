# spinup_lit/exercises/stubs/trpo_value_steps.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:9b82a6d96154ab61
"""Which critic was trained how long?

Three runs of TRPO on InvertedPendulum-v5, seed 0, 30 epochs, which differ in one argument:
the critic takes 0, 5 or 80 steps of regression per epoch, after the policy's step.

           log A                              log B                              log C
    Epoch  EpRet  LossV ExplVar VVals  StdV   EpRet  LossV ExplVar VVals  StdV   EpRet  LossV ExplVar VVals  StdV
        0    9.8   42.1    0.00  5.07  2.03     9.8   42.1    0.00 -0.13  0.02     9.8   42.1    0.00  0.85  0.24
        4   12.5   15.0    0.49  7.66  3.81    12.9   73.4    0.00 -0.13  0.02    14.5   46.9    0.01  6.72  0.24
        9   32.4  109.8    0.44 25.02  9.20    34.1  219.8    0.00 -0.13  0.03    35.8  130.4    0.01 14.32  0.11
       19   97.9   64.5    0.88 65.36 15.92    88.7  345.8    0.00 -0.13  0.02    98.5  199.9    0.00 28.37  0.15
       29  179.5  114.4    0.00 94.70  2.11   131.6  381.2    0.00 -0.13  0.02   173.8  153.1    0.00 41.92  0.00

EpRet is the mean return of the last hundred training episodes; LossV and ExplVar are the
critic's loss and explained variance before its steps, VVals and StdV the mean and the
deviation of its values after them.

A, B and C are 0, 5 and 80 in some order. FIRST is the first epoch (0, 1, 2, ...) in which
EpRet can differ between these runs at all. TELLS: do these three runs tell whether an agent
with 80 steps learns better than one with 5?
"""

A: int | None = None
B: int | None = None
C: int | None = None
FIRST: int | None = None
TELLS: bool | None = None
