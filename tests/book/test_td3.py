# tests/book/test_td3.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:1f0e16881437c6f2
"""Twin delayed DDPG: its targets, its delay, and what each of its details is worth."""

import pytest

ABLATION = ("td3:one-critic", "td3:no-delay", "td3:no-smoothing")


@pytest.mark.parametrize("names", [*((name,) for name in ABLATION), ABLATION])
def test_the_variants_of_the_ablation_learn(variant, names):
    wrong = variant("spinup_lit/td3.py", *names)
    small = {"hidden_sizes": (4,), "num_test_episodes": 1, "epochs": 1}
    steps = {"steps_per_epoch": 20, "update_after": 10, "batch_size": 4}
    wrong.td3(**small, **steps, start_steps=10)
