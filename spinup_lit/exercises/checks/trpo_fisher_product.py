# spinup_lit/exercises/checks/trpo_fisher_product.py: generated from book/onpolicy/trpo.md; edit the chapter. sha256:fcd6bcf2cc5a703e
"""Checks of the exercise `trpo-fisher-product`."""

import numpy as np
import torch

from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="The Fisher matrix times a vector",
    chapter="onpolicy/trpo",
    kind="implement",
    difficulty=4,
    minutes=30,
    hints=(
        "The divergence of which two policies? They agree at theta, and only one of them "
        "may move.",
        "torch.autograd.grad(kl, theta, create_graph=True) is a vector that can be "
        "differentiated again.",
        "F v is the gradient of the number slope @ v.",
    ),
)


def network(seed: int, states: int, actions: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Features of random states, and the parameters of a policy linear in them."""
    rng = np.random.default_rng(seed)
    obs = torch.tensor(rng.normal(size=(states, 2)))
    return obs, torch.tensor(rng.normal(size=2 * actions))


def product(
    answer: Answer, obs: torch.Tensor, theta: torch.Tensor, v: torch.Tensor
) -> torch.Tensor:
    """What the answer says of a policy whose logits are curved in its parameters."""

    def logits_of(theta: torch.Tensor) -> torch.Tensor:
        return torch.tanh(obs @ theta.view(2, -1)) * 2

    found: torch.Tensor = answer.fisher_vector(logits_of, theta, v)
    return found


def shapes(answer: Answer) -> Cases:
    """A vector."""
    obs, theta = network(0, 3, 2)
    found = product(answer, obs, theta, torch.ones_like(theta))
    yield Case("the shape for 4 parameters", tuple(found.shape), (4,))


def by_hand(answer: Answer) -> Cases:
    """The logits are the parameters: F is diag(pi) - pi pi'."""

    def one_state(theta: torch.Tensor) -> torch.Tensor:
        return theta[None]

    def two_states(theta: torch.Tensor) -> torch.Tensor:
        return theta.expand(2, 2)

    theta, v = torch.tensor([0.0, 0.0]), torch.tensor([1.0, 0.0])
    found = answer.fisher_vector(one_state, theta, v)
    what = "one state, a fair coin, v [1, 0]: pi (1 - pi) and minus that"
    yield Case(what, found, [0.25, -0.25])
    found = answer.fisher_vector(two_states, theta, v)
    yield Case("two such states: their mean", found, [0.25, -0.25])


def properties(answer: Answer) -> Cases:
    """Linear, symmetric, and never negative."""
    obs, theta = network(1, 5, 3)
    rng = np.random.default_rng(1)
    v, w = torch.tensor(rng.normal(size=(2, 6)))
    Fv, Fw = product(answer, obs, theta, v), product(answer, obs, theta, w)
    yield Case("twice v: twice F v", product(answer, obs, theta, 2 * v), 2 * Fv)
    yield Case("symmetric: w.Fv is v.Fw", w @ Fv, (v @ Fw).detach())
    yield Case("v.Fv, which is twice a divergence", v @ Fv, at_least(1e-6))


def oracle(answer: Answer) -> Cases:
    """The mean of score times score', over all actions."""
    for seed, (states, actions) in enumerate(((1, 2), (4, 3), (6, 4))):
        obs, theta = network(seed + 2, states, actions)
        v = torch.tensor(np.random.default_rng(seed).normal(size=len(theta)))
        leaf = theta.clone().requires_grad_()
        logits = torch.tanh(obs @ leaf.view(2, -1)) * 2
        logp = torch.log_softmax(logits, -1)
        expected = torch.zeros_like(theta)
        for b in range(states):
            for a in range(actions):
                (score,) = torch.autograd.grad(logp[b, a], leaf, retain_graph=True)
                expected += logp[b, a].exp().detach() * score * (score @ v) / states
        found = product(answer, obs, theta, v)
        yield Case(f"{states} random states, {actions} actions", found, expected)
