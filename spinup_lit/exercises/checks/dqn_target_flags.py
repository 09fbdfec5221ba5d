# spinup_lit/exercises/checks/dqn_target_flags.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:70978af4ffb4b647
"""Checks of the exercise `dqn-target-flags`."""

from itertools import product

import numpy as np
import torch

from spinup_lit import dqn
from spinup_lit.exercises.checks import _quick
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import between

EXERCISE = Exercise(
    title="Four kinds of steps",
    chapter="offpolicy/dqn",
    kind="implement",
    difficulty=1,
    minutes=10,
    hints=(
        "Ask of each flag: does it say something about the world, or about the clock?",
        "If the task is over, nothing can be earned any more: the second term is gone, "
        "the reward is not.",
        "`~terminated` is 1 where the task goes on, if you multiply with it.",
    ),
    seconds=60,
)

FLAGS = [*product((False, True), repeat=2)]
SAYS = {True: "yes", False: "no"}


def shapes(answer: Answer) -> Cases:
    """A number for each step."""
    no = torch.zeros(3, dtype=torch.bool)
    y = answer.targets(torch.ones(3), no, no, torch.ones(3), 0.9)
    yield Case("the shape of the targets of three steps", tuple(y.shape), (3,))
    yield Case("the type of targets of float32", y.dtype, torch.float32)


def by_hand(answer: Answer) -> Cases:
    """Reward 2, and 10 comes next, at gamma 0.9."""
    for terminated, truncated in FLAGS:
        flags = torch.tensor([terminated]), torch.tensor([truncated])
        y = answer.targets(torch.tensor([2.0]), *flags, torch.tensor([10.0]), 0.9)
        what = f"terminated: {SAYS[terminated]}, truncated: {SAYS[truncated]}"
        right = 2.0 if terminated else 11.0
        yield Case(f"reward 2, next_val 10, gamma 0.9; {what}", y, [right])


def batch(size: int = 40) -> tuple[torch.Tensor, ...]:
    """Steps with all flags, in no order."""
    rng = np.random.default_rng(1)
    rew, next_val = torch.tensor(rng.normal(size=(2, size)))
    flags = torch.tensor(rng.random((2, size)) < 0.4)
    return rew, *flags, next_val


def properties(answer: Answer) -> Cases:
    """A look ahead of no weight, and a clock that changes nothing."""
    rew, terminated, truncated, next_val = batch()
    y = answer.targets(rew, terminated, truncated, next_val, 0.0)
    yield Case("gamma 0: the rewards", y, rew)
    y = answer.targets(rew, terminated, truncated, next_val, 0.9)
    other = answer.targets(rew, terminated, ~truncated, next_val, 0.9)
    yield Case("truncated turned round: the same targets", other, y)


def oracle(answer: Answer) -> Cases:
    """Step by step, with an `if`."""
    rew, terminated, truncated, next_val = batch()
    for gamma in (0.5, 0.99, 1.0):
        rows = zip(rew.tolist(), terminated.tolist(), next_val.tolist())
        right = [r if over else r + gamma * v for r, over, v in rows]
        y = answer.targets(rew, terminated, truncated, next_val, gamma)
        yield Case(f"40 random steps, gamma {gamma}", y, right, rtol=1e-9)


def gradients(answer: Answer) -> Cases:
    """Targets are constants."""
    rew, terminated, truncated, next_val = batch()
    y = answer.targets(rew, terminated, truncated, next_val.requires_grad_(), 0.9)
    yield Case("whether a gradient can reach next_val", y.requires_grad, False)


def in_place(answer: Answer) -> Cases:
    """DQN on steps that all end the task, so that the best value is 1."""

    def bellman(
        rew: torch.Tensor,
        terminated: torch.Tensor,
        next_val: torch.Tensor,
        gamma: float,
    ) -> torch.Tensor:
        cut = torch.zeros_like(terminated)
        y: torch.Tensor = answer.targets(rew, terminated, cut, next_val, gamma)
        return y

    with replaced(dqn, bellman=bellman):
        agent = _quick.dqn_agent()
    signals = np.array([[-1.0], [1.0]], np.float32)
    act = agent.act(signals, deterministic=True).tolist()
    yield Case("DQN's actions for the signals -1 and 1", act, [0, 1])
    value = float(agent.value(signals).mean())
    yield Case("what it expects to earn, where 1 is earned", value, between(0.7, 1.3))
