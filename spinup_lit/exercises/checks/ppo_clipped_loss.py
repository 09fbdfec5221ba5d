# spinup_lit/exercises/checks/ppo_clipped_loss.py: generated from book/onpolicy/ppo.md; edit the chapter. sha256:0e55c5d9f9609aa7
"""Checks of the exercise `ppo-clipped-loss`."""

import numpy as np
import torch

from spinup_lit import ppo
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import at_least

EXERCISE = Exercise(
    title="The clipped loss",
    chapter="onpolicy/ppo",
    kind="implement",
    difficulty=2,
    minutes=15,
    hints=(
        "Three lines: the ratio, the clipped ratio, the mean of the smaller product.",
        "The ratio is `log_ratio.exp()`; `clamp` moves it into the interval.",
        "`torch.min(a, b)` takes the smaller of two tensors, element by element. Both "
        "are products with `adv`: which of the two is smaller depends on its sign.",
    ),
    seconds=60,
)


def shapes(answer: Answer) -> Cases:
    """One number, which knows where it came from."""
    log_ratio = torch.tensor([0.1, 0.0, -0.3], requires_grad=True)
    loss = answer.clipped_loss(log_ratio, torch.tensor([1.0, 2.0, -1.0]), 0.2)
    yield Case("the shape of the loss of three samples", tuple(loss.shape), ())
    yield Case("the type of a loss of float32", loss.dtype, torch.float32)


def by_hand(answer: Answer) -> Cases:
    """The six cases of the chapter, and all of them together."""
    ratios, advs = [0.7, 1.1, 1.3] * 2, [3.0] * 3 + [-3.0] * 3
    objectives = [2.1, 3.3, 3.6, -2.4, -3.3, -3.9]
    for ratio, adv, objective in zip(ratios, advs, objectives):
        log_ratio = torch.tensor([ratio]).log()
        loss = answer.clipped_loss(log_ratio, torch.tensor([adv]), 0.2)
        what = f"one sample: ratio {ratio}, advantage {adv:.0f}, clip_ratio 0.2"
        yield Case(what, loss, -objective)
    four = torch.tensor(ratios[:4]).log(), torch.tensor(advs[:4])
    loss = answer.clipped_loss(*four, 0.2)
    yield Case("the first four of these samples together", loss, -1.65)


def samples(seed: int, size: int = 64) -> tuple[torch.Tensor, torch.Tensor]:
    """Logarithms of ratios, some of them far from 0, and advantages."""
    rng = np.random.default_rng(seed)
    return torch.tensor(rng.normal(0, 0.4, size)), torch.tensor(rng.normal(size=size))


def properties(answer: Answer) -> Cases:
    """Scale, pessimism, and what a wide interval does."""
    log_ratio, adv = samples(1)
    loss = answer.clipped_loss(log_ratio, adv, 0.2)
    tripled = answer.clipped_loss(log_ratio, 3 * adv, 0.2)
    yield Case("three times the advantages: three times the loss", tripled, 3 * loss)
    surrogate = -(log_ratio.exp() * adv).mean()
    inside = log_ratio.exp() < 2
    wide = answer.clipped_loss(log_ratio[inside], adv[inside], 0.999999)
    plain = -(log_ratio.exp() * adv)[inside].mean()
    yield Case(
        "ratios within a wide interval: no clip, minus mean(ratio adv)", wide, plain
    )
    yield Case(
        "the objective is pessimistic: the loss, minus that without a clip",
        loss - surrogate,
        at_least(0),
    )


def oracle(answer: Answer) -> Cases:
    """The other form: a ceiling for each sample, Eq. (ppo-simple)."""
    for seed, eps in enumerate((0.05, 0.1, 0.2, 0.3, 0.5)):
        log_ratio, adv = samples(seed)
        total = 0.0
        for x, a in zip(log_ratio.tolist(), adv.tolist()):
            ceiling = (1 + eps) * a if a >= 0 else (1 - eps) * a
            total += min(np.exp(x) * a, ceiling)
        loss = answer.clipped_loss(log_ratio, adv, eps)
        yield Case(f"64 random samples, clip_ratio {eps}", loss, -total / 64, rtol=1e-9)


def gradients(answer: Answer) -> Cases:
    """Who still pushes: the slopes of the six cases, in the logarithm of the ratio."""
    ratios = torch.tensor([0.7, 1.1, 1.3] * 2, dtype=torch.float64)
    adv = torch.tensor([3.0] * 3 + [-3.0] * 3, dtype=torch.float64)
    log_ratio = ratios.log().requires_grad_()
    loss = answer.clipped_loss(log_ratio, adv, 0.2)
    yield Case("the loss has a gradient", loss.requires_grad, True)
    (slope,) = torch.autograd.grad(loss, log_ratio)
    pushes = torch.tensor([2.1, 3.3, 0, 0, -3.3, -3.9]) / 6
    what = "slopes in log_ratio: ratios 0.7, 1.1, 1.3, with advantage 3, then -3"
    yield Case(what, slope, -pushes)


def in_place(answer: Answer) -> Cases:
    """A short training on a signal that must be told from its opposite."""
    with replaced(ppo, clipped_loss=answer.clipped_loss):
        agent = ppo.ppo(
            probes.SIGNAL,
            hidden_sizes=(16,),
            steps_per_epoch=256,
            minibatch_size=64,
            epochs=6,
            pi_lr=1e-2,
            vf_lr=1e-2,
        )
    chances = probes.chances(agent)
    what = "after six epochs, the probability of the right action"
    yield Case(what, chances, at_least(0.9))
