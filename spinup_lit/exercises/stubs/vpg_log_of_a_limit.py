# spinup_lit/exercises/stubs/vpg_log_of_a_limit.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:0ab3400428e00b04
"""It begins with the first good episode.

VPG on CartPole, seed 4: the program as it stands, and one with a mistake. Up to epoch 33
their logs agree to the last digit.

           as it stands                    the other one
    Epoch  EpRet  MaxRet   LossV   VVals   EpRet  MaxRet   LossV   VVals
       33  170.3     489   89.03    74.2   170.3     489   89.03    74.2
       34  182.3     500  125.12    76.9   182.3     500  230.34    74.1
       59  362.5     500    1.04    96.8   361.7     500   42.04    78.4
       99  410.9     500    0.07    99.8   472.3     500  190.99    87.6
      139  500.0     500    0.00   100.0   427.6     500   70.53    69.2
      194  500.0     500    0.00   100.0   273.9     500  183.88    86.3

EpRet and MaxRet are mean and maximum of the last hundred returns, LossV is the loss of the
critic before its steps, VVals the mean of its values. An episode lasts 500 steps at most,
and each pays 1. gamma is 0.99.

CAUSE is one of
    "a"  the learning rate of the policy is too large;
    "b"  the learning rate of the critic is too small;
    "c"  the advantages are not normalised;
    "d"  an episode that is cut by the time limit counts as one that ended;
    "e"  where an episode is cut, the value of the first state of the next one is used.

RIGHT is what the critic should say in a state in which the agent never falls. WRONG is the
mean, over the 500 steps of such an episode, of what the states are worth if the mistake
were true, to within 2.
"""

CAUSE: str | None = None
RIGHT: float | None = None
WRONG: float | None = None
