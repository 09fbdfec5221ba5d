# spinup_lit/exercises/checks/concepts_entropy.py: generated from book/start/key-concepts.md; edit the chapter. sha256:1f83e4cc497eb83c
"""Checks of the exercise `concepts-entropy`."""

import math

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise

EXERCISE = Exercise(
    title="The entropy of a Gaussian",
    chapter="start/key-concepts",
    kind="implement",
    difficulty=2,
    minutes=20,
    hints=(
        "Independent components: their entropies add up. How many terms 1/2 log(2 pi) "
        "are there in d components?",
        "The mean of ((a - mu) / std)^2 is 1, so 1/2 remains of the square.",
        "For the other: torch.log_softmax gives logarithms of probabilities; weigh each "
        "with its probability, and sum over the actions of one row.",
    ),
)


def shapes(answer: Answer) -> Cases:
    """One number for a Gaussian, one for each row of logits."""
    entropy = answer.gaussian_entropy(torch.zeros(3))
    yield Case("the shape for a Gaussian of 3 components", tuple(entropy.shape), ())
    entropy = answer.categorical_entropy(torch.zeros(5, 4))
    yield Case("the shape for 5 rows of 4 logits", tuple(entropy.shape), (5,))


def by_hand(answer: Answer) -> Cases:
    """One component, the six of the text, and a coin."""
    entropy = answer.gaussian_entropy(torch.zeros(1))
    yield Case("log_std [0]: 1/2 + log(2 pi) / 2", entropy, 1.418939)
    entropy = answer.gaussian_entropy(torch.full((6,), -0.5))
    yield Case("six components with log_std -0.5", entropy, 5.513631)
    entropy = answer.categorical_entropy(torch.tensor([[0.0, 0.0], [0.0, math.log(9)]]))
    what = "two coins, with probabilities 1/2, 1/2 and 1/10, 9/10"
    yield Case(what, entropy, [0.693147, 0.325083])


def properties(answer: Answer) -> Cases:
    """What doubling a deviation does, and that only differences of logits count."""
    log_std = torch.tensor([0.3, -1.2, 0.0])
    entropy = answer.gaussian_entropy(log_std)
    wider = answer.gaussian_entropy(log_std + math.log(2))
    yield Case("three deviations doubled: three log 2 more", wider - entropy, 2.079442)
    logits = torch.tensor(np.random.default_rng(1).normal(size=(4, 3)))
    entropy = answer.categorical_entropy(logits)
    moved = answer.categorical_entropy(logits + 5)
    yield Case("5 added to all logits: the same", moved, entropy)
    certain = answer.categorical_entropy(torch.tensor([[300.0, 0.0, -200.0]]))
    yield Case("logits [300, 0, -200]: no randomness at all", certain, [0.0])


def oracle(answer: Answer) -> Cases:
    """Integrals of -p log p over a grid, and sums of -p log p."""
    rng = np.random.default_rng(2)
    x = np.linspace(-60, 60, 20_001)
    for d in (1, 2, 5):
        log_std = rng.normal(0, 0.7, d)
        expected = 0.0
        for std in np.exp(log_std):
            p = np.exp(-0.5 * (x / std) ** 2) / (std * math.sqrt(2 * math.pi))
            expected -= float((p * np.log(p + 1e-300)).sum() * (x[1] - x[0]))
        entropy = answer.gaussian_entropy(torch.tensor(log_std))
        yield Case(f"a random Gaussian of {d} components", entropy, expected)
    logits = rng.normal(0, 2, (6, 5))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    entropy = answer.categorical_entropy(torch.tensor(logits))
    yield Case("6 random rows of 5 logits", entropy, -(p * np.log(p)).sum(axis=1))


def gradients(answer: Answer) -> Cases:
    """Each log_std has slope 1; equal logits are the top of the hill."""
    log_std = torch.zeros(3, requires_grad=True)
    entropy = answer.gaussian_entropy(log_std)
    (slope,) = torch.autograd.grad(entropy, log_std)
    yield Case("the slope in each of 3 log_std", slope, [1.0, 1.0, 1.0])
    logits = torch.tensor([[0.0, math.log(3)]], requires_grad=True)
    entropy = answer.categorical_entropy(logits).sum()
    (slope,) = torch.autograd.grad(entropy, logits)
    x = 3 / 16 * math.log(3)
    yield Case("the slopes in the logits [0, log 3]", slope, [[x, -x]])
