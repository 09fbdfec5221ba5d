# spinup_lit/exercises/stubs/vpg_losing_randomness.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:d8a25ef2d6222ad2
"""A policy that has made up its mind.

VPG on CartPole, seed 0: the program as it stands, and one with something changed.

           as it stands                             the other one
    Epoch  EpRet  Entropy      KL  GradNorm  ExplVar  EpRet  Entropy      KL  GradNorm  ExplVar
        0   19.2    0.692  0.0103     0.086     0.00   19.2    0.692  0.0086     0.055     0.00
        4   34.5    0.651  0.0033     0.127     0.05   30.2    0.654  0.0059     0.363     0.12
        9   55.1    0.602  0.0020     0.112     0.42   48.2    0.579  0.0023     0.344     0.26
       14   78.0    0.578  0.0061     0.132     0.74   63.2    0.489  0.0023     0.384     0.48
       19  111.7    0.564  0.0003     0.126     0.61   79.5    0.389  0.0013     0.340     0.57
       24  147.7    0.519  0.0050     0.308     0.88   81.6    0.298  0.0007     0.279     0.55
       29  191.1    0.520  0.0055     0.095     0.90   81.7    0.221  0.0005     0.184     0.48

EpRet is the mean return, Entropy that of the policy before its step, KL how far the step
moved it, GradNorm the length of the gradient, ExplVar the explained variance of the critic.

CAUSE is one of
    "a"  the learning rate of the policy is a hundred times too small;
    "b"  the learning rate of the policy is a hundred times too large;
    "c"  all advantages are zero;
    "d"  a term in the loss rewards certainty: an entropy bonus with the wrong sign;
    "e"  nothing: entropy falls while a policy learns.
LIKELIER is the probability of the likelier of the two actions in the last row of the other
program, if all states were alike, to within 0.02.
"""

CAUSE: str | None = None
LIKELIER: float | None = None
