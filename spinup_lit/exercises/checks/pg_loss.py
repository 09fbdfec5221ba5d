# spinup_lit/exercises/checks/pg_loss.py: generated from book/start/policy-gradients.md; edit the chapter. sha256:858e89eb7047fea0
"""Checks of the exercise `pg-loss`."""

import math

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The loss of the policy gradient",
    chapter="start/policy-gradients",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Logits are not logarithms of probabilities yet: torch.log_softmax(logits, -1).",
        "Of each row you need one entry: index with a row number and an action for each.",
        "What is averaged are episodes. And look at the gradients that should *not* be.",
    ),
)


def sample(seed: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Random logits, actions and weights of 9 steps with 4 actions."""
    rng = np.random.default_rng(seed)
    logits, weight = rng.normal(size=(9, 4)), rng.normal(size=9)
    act = rng.integers(0, 4, 9)
    return torch.tensor(logits), torch.tensor(act), torch.tensor(weight)


def shapes(answer: Answer) -> Cases:
    """One number."""
    loss = answer.policy_loss(*sample(0), 2)
    yield Case("the shape of the loss of 9 steps", tuple(loss.shape), ())


def by_hand(answer: Answer) -> Cases:
    """A coin, and two steps."""
    logits = torch.tensor([[0.0, 0.0]])
    loss = answer.policy_loss(logits, torch.tensor([1]), torch.tensor([3.0]), 1)
    yield Case("a fair coin, weight 3, one episode: 3 log 2", loss, 3 * math.log(2))
    logits = torch.tensor([[0.0, math.log(3)], [math.log(4), 0.0]])
    steps = logits, torch.tensor([1, 0]), torch.tensor([2.0, -1.0])
    expected = -(2 * math.log(0.75) - math.log(0.8))
    what = "actions of probability 3/4 and 4/5, weights 2 and -1"
    yield Case(f"{what}, one episode", answer.policy_loss(*steps, 1), expected)
    yield Case(f"{what}, two episodes", answer.policy_loss(*steps, 2), expected / 2)


def properties(answer: Answer) -> Cases:
    """Weights are linear, and only differences of logits count."""
    logits, act, weight = sample(1)
    loss = answer.policy_loss(logits, act, weight, 3)
    moved = answer.policy_loss(logits + 7, act, weight, 3)
    yield Case("7 added to all logits: the same", moved, loss)
    doubled = answer.policy_loss(logits, act, -2 * weight, 3)
    yield Case("weights times -2: the loss, too", doubled, -2 * loss)


def oracle(answer: Answer) -> Cases:
    """Probabilities first, then their logarithms, one step after the other."""
    for seed in range(4):
        logits, act, weight = sample(seed)
        p = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(axis=1, keepdims=True)
        total = sum(
            math.log(p[i, a]) * float(w) for i, (a, w) in enumerate(zip(act, weight))
        )
        loss = answer.policy_loss(logits, act, weight, 2 + seed)
        what = f"9 random steps of {2 + seed} episodes"
        yield Case(what, loss, -total / (2 + seed), rtol=1e-9)


def gradients(answer: Answer) -> Cases:
    """Each logit is pushed by the score; weights are constants."""
    logits, act, weight = sample(5)
    logits.requires_grad_()
    weight.requires_grad_()
    loss = answer.policy_loss(logits, act, weight, 3)
    yield Case("the loss has a gradient", loss.requires_grad, True)
    slope, other = torch.autograd.grad(loss, (logits, weight), allow_unused=True)
    p = torch.softmax(logits.detach(), -1)
    one = torch.eye(4, dtype=p.dtype)[act]
    what = "the slope in the logits: -(1 if taken - pi) weight / episodes"
    yield Case(what, slope, -(one - p) * weight.detach()[:, None] / 3)
    yield Case("a gradient reaches the weights", other is not None, False)
