# spinup_lit/exercises/checks/dqn_double_target.py: generated from book/offpolicy/dqn.md; edit the chapter. sha256:4ec1aa6d5af2a040
"""Checks of the exercise `dqn-double-target`."""

import numpy as np
import torch

from spinup_lit import dqn
from spinup_lit.exercises.checks import _quick
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="Everybody chooses their own target",
    chapter="offpolicy/dqn",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Two questions, two networks: which action is best, and what is it worth?",
        "`argmax(-1, keepdim=True)` gives a column of numbers of actions, (B, 1).",
        "`gather(-1, column)` reads one entry from each row; it is (B, 1), so squeeze it.",
    ),
    seconds=60,
)


def shapes(answer: Answer) -> Cases:
    """A number for each step."""
    over, q = torch.zeros(3, dtype=torch.bool), torch.ones(3, 4)
    y = answer.double_targets(torch.ones(3), over, q, q, 0.9)
    yield Case("three steps, four actions: the shape", tuple(y.shape), (3,))


def by_hand(answer: Answer) -> Cases:
    """Two networks that disagree."""
    q, slow = torch.tensor([[1.0, 5, 3]]), torch.tensor([[4.0, 2, 8]])
    for over, right in ((False, 2.0), (True, 1.0)):
        y = answer.double_targets(torch.ones(1), torch.tensor([over]), q, slow, 0.5)
        what = "next_q [1, 5, 3], next_q_slow [4, 2, 8], reward 1, gamma 0.5"
        yield Case(f"{what}{', terminated' if over else ''}", y, [right])
    q, slow = torch.tensor([[1.0, 2], [4, 3]]), torch.tensor([[10.0, 20], [30, 40]])
    y = answer.double_targets(torch.zeros(2), torch.zeros(2) > 0, q, slow, 1.0)
    what = (
        "next_q [[1, 2], [4, 3]], next_q_slow [[10, 20], [30, 40]], reward 0, gamma 1"
    )
    yield Case(what, y, [20.0, 30.0])


def steps(seed: int) -> tuple[torch.Tensor, ...]:
    """Random steps: rew, terminated, next_q, next_q_slow."""
    rng = np.random.default_rng(seed)
    q = torch.tensor(rng.normal(size=(2, 30, 4)))
    return torch.tensor(rng.normal(size=30)), torch.tensor(rng.random(30) < 0.3), *q


def properties(answer: Answer) -> Cases:
    """Never above DQN's target; equal to it if both networks are one."""
    rew, over, q, slow = steps(1)
    highest = rew + 0.9 * slow.max(-1).values * ~over
    y = answer.double_targets(rew, over, q, slow, 0.9)
    worst = float((y - highest).max())
    yield Case("how far the highest is above DQN's target", worst, below(1e-9))
    y = answer.double_targets(rew, over, slow, slow, 0.9)
    yield Case("both networks alike: DQN's target", y, highest)
    y = answer.double_targets(rew, over, 7 * q - 3, slow, 0.9)
    same = answer.double_targets(rew, over, q, slow, 0.9)
    yield Case("seven times the quick values, minus 3: the same choice", y, same)


def oracle(answer: Answer) -> Cases:
    """A dictionary of actions, row by row."""
    for seed in (2, 3):
        rew, over, q, slow = steps(seed)
        right = []
        for i, r in enumerate(rew.tolist()):
            opinion = dict(zip(q[i].tolist(), slow[i].tolist()))
            right.append(r if over[i] else r + 0.99 * opinion[max(opinion)])
        y = answer.double_targets(rew, over, q, slow, 0.99)
        yield Case(f"30 random steps of four actions, number {seed}", y, right)


def gradients(answer: Answer) -> Cases:
    """Targets are constants."""
    rew, over, q, slow = steps(4)
    y = answer.double_targets(rew, over, q, slow.requires_grad_(), 0.9)
    yield Case("whether a gradient can reach a network", y.requires_grad, False)


def in_place(answer: Answer) -> Cases:
    """A short training."""

    def target(agent: dqn.DeepQ, data: dqn.Transitions, gamma: float) -> torch.Tensor:
        q, slow = agent.q(data.next_obs), agent.q_target(data.next_obs)
        y: torch.Tensor = answer.double_targets(
            data.rew, data.terminated, q, slow, gamma
        )
        return y

    with replaced(dqn, target=target):
        agent = _quick.dqn_agent()
    signals = np.array([[-1.0], [1.0]], np.float32)
    act = agent.act(signals, deterministic=True).tolist()
    yield Case("DQN's actions for the signals -1 and 1", act, [0, 1])
