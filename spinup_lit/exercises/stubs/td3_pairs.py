# spinup_lit/exercises/stubs/td3_pairs.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:994eaf2e2e1d52d6
"""Does the delay matter?

Train TD3 on Pendulum-v1, at least five seeds with policy_delay 2 and the same seeds with
policy_delay 1, ten epochs of 1,000 steps or more. All other options must be the same:

    python -m spinup_lit.run td3 --exp_name delayed --epochs 10 --seed 0
    python -m spinup_lit.run td3 --exp_name at-once --epochs 10 --policy_delay 1 --seed 0
    ...

A run's score is the mean of AverageTestEpRet over its last five epochs (progress.txt).
For each seed take the difference: score with delay 2, minus score with delay 1. Then
give the 95 % interval of their mean (Student's t, as for pairs in the chapter on
measuring), and what may be said:

    "better"         delay 2 is better than delay 1
    "worse"          it is worse
    "not detected"   no difference was detected
"""

DELAYED: str | None = None  # the folder that holds its runs, such as "data/delayed"
AT_ONCE: str | None = None  # such as "data/at-once"
LOW: float | None = None  # the lower end of the interval
HIGH: float | None = None
VERDICT: str | None = None
