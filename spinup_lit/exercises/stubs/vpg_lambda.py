# spinup_lit/exercises/stubs/vpg_lambda.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:c165523314442b54
"""How far to trust the critic.

Is lam = 0.97, the default, better than lam = 0 for VPG on CartPole-v1? Make the
experiment, for example by

    python -m spinup_lit.run vpg --exp_name lam-0 --lam 0 --epochs 30 --seed 0

with the same seeds for both, at least five; at least 30 epochs of 1024 steps, as many for
both; everything else as it is. LOW and HIGH are the folders of the runs, such as

    from glob import glob
    LOW = glob("data/lam-0/*")

The score of a run is the AverageEpRet in the last row of its progress.txt. DIFFERENCE is
the mean over the seeds of the score with lam = 0.97 minus that with lam = 0, INTERVAL its
95 % interval by Student's t, (lower, upper), from the differences seed by seed. DETECTED
says whether zero lies outside.
"""

LOW: list[str] | None = None  # folders of the runs with lam = 0
HIGH: list[str] | None = None  # and with lam = 0.97
DIFFERENCE: float | None = None
INTERVAL: tuple[float, float] | None = None
DETECTED: bool | None = None
