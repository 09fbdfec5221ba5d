# spinup_lit/exercises/checks/dqn_bias.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:4cf4f259b7136939
"""Checks of the exercise `dqn-bias`."""

import numpy as np

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="Your own diagnosis",
    chapter="offpolicy/dqn",
    kind="diagnose",
    difficulty=3,
    minutes=20,
    hints=(
        "What is 1 + gamma + gamma^2 + ... without end?",
        "To act well, which property of the values is enough?",
        "What it gets: `steps` discounted rewards, and gamma^steps times what it says of "
        "the last observation.",
    ),
)


def claim(answer: Answer) -> Cases:
    """What is wrong, and how one sees it."""
    yield Case("STATE", answer.STATE, "b")
    yield Case("HIGHEST", answer.HIGHEST, 100.0)


def by_hand(answer: Answer) -> Cases:
    """One step, two steps, and the run of the log."""
    got = answer.bias(10.0, 2.0, 0.5, 1)
    yield Case("q 10, reward 2, gamma 0.5, one step: 10 - (2 + 5)", got, 3.0)
    got = answer.bias(10.0, 2.0, 0.5, 2)
    yield Case("q 10, reward 2, gamma 0.5, two steps: 10 - (2 + 1 + 2.5)", got, 4.5)
    got = answer.bias(250.0, 1.0, 0.99, 500)
    yield Case("the run of the log", got, 149.0, atol=0.1)


def properties(answer: Answer) -> Cases:
    """Who says the truth has no bias."""
    got = answer.bias(20.0, 1.0, 0.95, 30)
    yield Case("q 20 where 1 is paid for ever at gamma 0.95", got, 0.0)
    got = answer.bias(7.0, 3.0, 0.9, 0)
    yield Case("no step at all", got, 0.0)


def oracle(answer: Answer) -> Cases:
    """Backwards through the episode, reward by reward."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        q, rew, gamma = rng.normal(), rng.normal(), rng.uniform(0.5, 0.99)
        steps = int(rng.integers(2, 60))
        gets = q
        for _ in range(steps):
            gets = rew + gamma * gets
        what = f"q {q:.3f}, reward {rew:.3f}, gamma {gamma:.3f}, {steps} steps"
        yield Case(what, answer.bias(q, rew, gamma, steps), q - gets)
