# spinup_lit/exercises/checks/advantages_two_lines.py: generated from book/onpolicy/advantages.md; edit the chapter. sha256:439236374c984759
"""Checks of the exercise `advantages-two-lines`."""

import numpy as np

from spinup_lit import vpg
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="The two lines",
    chapter="onpolicy/advantages",
    kind="implement",
    difficulty=3,
    minutes=20,
    hints=(
        "Go backwards over the rows. Carry the estimate of the row after.",
        "Two questions per step. Is the future worth anything? Does the next row belong "
        "to the same episode? A truncation answers them differently.",
        "A truncated step still asks the critic about what it led to, and gets nothing "
        "from the row after it.",
    ),
    seconds=60,
)
STEPS = ("goes on", "terminates", "is truncated", "both")


def shapes(answer: Answer) -> Cases:
    """An estimate for each step of each environment."""
    rew, never = np.ones((4, 2)), np.zeros((4, 2), dtype=bool)
    adv = answer.gae(rew, rew, rew, never, never, 0.9, 0.9)
    yield Case("the shape for 4 steps of 2 environments", np.shape(adv), (4, 2))


def by_hand(answer: Answer) -> Cases:
    """The four variants of the text, one at a time, with two factors that differ."""
    values = {"goes on": 10.0, "terminates": 6.0, "is truncated": 6.0, "both": 6.0}
    for gamma, lam, expected in (
        (0.5, 0.5, ((-0.6875, 3.25), (-1.75, -1.0), (-1.0, 2.0), (-1.75, -1.0))),
        (0.5, 1.0, ((-0.25, 2.5), (-2.0, -1.0), (-0.5, 2.0), (-2.0, -1.0))),
    ):
        for how, (first, second) in zip(STEPS, expected):
            adv = answer.gae(
                np.array([[1.0], [2.0], [3.0]]),
                np.array([[4.0], [3.0], [10.0]]),
                np.array([[3.0], [values[how]], [8.0]]),
                np.array([[False], [how in ("terminates", "both")], [False]]),
                np.array([[False], [how in ("is truncated", "both")], [False]]),
                gamma,
                lam,
            )
            what = (
                f"rew 1 2 3, val 4 3 10, next_val 3 {values[how]:.0f} 8, gamma {gamma}, "
                f"lam {lam}; step 1 (of 0, 1, 2) {how}"
            )
            yield Case(what, adv, [[first], [second], [-3.0]])


Batch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def batch(seed: int, steps: int = 9, envs: int = 3) -> Batch:
    """Random rewards and values, and ends of both kinds."""
    rng = np.random.default_rng(seed)
    rew, val, next_val = rng.normal(size=(3, steps, envs))
    terminated, truncated = rng.random((2, steps, envs)) < 0.2
    next_val[:-1] = np.where((terminated | truncated)[:-1], next_val[:-1], val[1:])
    return rew, val, next_val, terminated, truncated


def properties(answer: Answer) -> Cases:
    """One step, linear, and blind to other environments."""
    rew, val, next_val, terminated, truncated = batch(1)
    flags = terminated, truncated
    adv = answer.gae(rew, val, next_val, *flags, 0.9, 0.8)
    alone = np.hstack(
        [answer.gae(*(x[:, i : i + 1] for x in batch(1)), 0.9, 0.8) for i in range(3)]
    )
    yield Case("each environment alone", adv, alone)
    tripled = answer.gae(3 * rew, 3 * val, 3 * next_val, *flags, 0.9, 0.8)
    yield Case("rewards and values three times as large", tripled, 3 * adv)
    nothing = answer.gae(rew, 0 * val, 0 * next_val, *flags, 0.9, 0.0)
    yield Case("lam 0 and a critic that says 0: the rewards", nothing, rew)


def mixture(x: Batch, gamma: float, lam: float) -> np.ndarray:
    """The mixture of all n-step estimates, by definition."""
    rew, val, next_val, terminated, truncated = x
    adv = np.zeros_like(rew)
    for t, i in np.ndindex(*rew.shape):
        over = (terminated | truncated)[t:, i]
        last = t + int(over.argmax()) if over.any() else len(rew) - 1
        weight = 1.0
        for end in range(t, last + 1):
            n = end - t + 1
            after = 0.0 if terminated[end, i] else gamma**n * next_val[end, i]
            estimate = gamma ** np.arange(n) @ rew[t : end + 1, i] + after - val[t, i]
            adv[t, i] += weight * (estimate if end == last else (1 - lam) * estimate)
            weight *= lam
    return adv


def oracle(answer: Answer) -> Cases:
    """Random batches with ends of both kinds."""
    for seed, (gamma, lam) in enumerate(
        ((0.99, 0.95), (0.9, 0.5), (1.0, 1.0), (0.7, 0.0))
    ):
        x = batch(seed + 2)
        what = f"9 random steps of 3 environments, gamma {gamma}, lam {lam}"
        yield Case(what, answer.gae(*x, gamma, lam), mixture(x, gamma, lam))


def in_place(answer: Answer) -> Cases:
    """VPG with these advantages."""
    with replaced(vpg, gae=answer.gae):
        agent = vpg.vpg(
            probes.SIGNAL,
            hidden_sizes=(16,),
            steps_per_epoch=128,
            epochs=25,
            pi_lr=0.01,
        )
    what = "after 25 epochs of VPG, the probability of the right action"
    yield Case(what, probes.chances(agent), at_least(0.8))
