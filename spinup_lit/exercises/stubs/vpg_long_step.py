# spinup_lit/exercises/stubs/vpg_long_step.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:7f0d04f98a0af7be
"""Over after two epochs.

VPG on CartPole, seed 0: the program as it stands, and one with something changed.

           as it stands                              the other one
    Epoch  EpRet  Entropy      KL  GradNorm  ExplVar  EpRet  Entropy       KL  GradNorm  ExplVar
        0   19.2    0.692  0.0103     0.086     0.00   19.2    0.692   2.3423     0.086     0.00
        1   22.5    0.689  0.0054     0.153     0.03   21.5    0.125  10.0614     0.020     0.05
        2   26.4    0.679  0.0046     0.157     0.02    9.3    0.001   0.0249     0.010     0.35
        4   34.5    0.651  0.0033     0.127     0.05    9.3    0.000   0.0000     0.000     0.92
        9   55.1    0.602  0.0020     0.112     0.42    9.3    0.000   0.0000     0.000     0.95
       29  191.1    0.520  0.0055     0.095     0.90    9.4    0.000   0.0000     0.000     0.96

EpRet is the mean return, Entropy that of the policy before its step, KL how far the step
moved it, GradNorm the length of the gradient, ExplVar the explained variance of the critic.

CAUSE is one of
    "a"  the loss of the policy has the wrong sign;
    "b"  the learning rate of the policy is a hundred times too large;
    "c"  the critic is not trained;
    "d"  a time limit is taken for the end of an episode;
    "e"  the gradient is the sum over the batch, where it should be the mean, and Adam is as
         it was.
EPOCH is the first epoch whose row shows it. RECOVERS: would it learn, if it were trained
ten times as long?
"""

CAUSE: str | None = None
EPOCH: int | None = None
RECOVERS: bool | None = None
