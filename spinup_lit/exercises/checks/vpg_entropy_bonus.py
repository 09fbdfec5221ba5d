# spinup_lit/exercises/checks/vpg_entropy_bonus.py: generated from book/onpolicy/vpg.md; edit the chapter. sha256:a853cc6872d9bbcc
"""Checks of the exercise `vpg-entropy-bonus`."""

import inspect
import math
from functools import cache
from types import ModuleType
from typing import Any

import torch

from spinup_lit.exercises import catalogue, probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, Variants, replaced
from spinup_lit.machinery.arguments import at_least
from spinup_lit.machinery.errors import UserError

EXERCISE = Exercise(
    title="A bonus for randomness in VPG",
    chapter="onpolicy/vpg",
    kind="change",
    difficulty=3,
    minutes=30,
    hints=(
        "Four places: the arguments, their documentation, update_policy, and the call "
        "of update_policy in the loop.",
        "In update_policy, `dist` is the distribution, and `dist.entropy()` is (B,).",
        "The loss is descended. A policy whose entropy should grow must lose entropy "
        "from its loss.",
    ),
    seconds=120,
)
SMALL: dict[str, Any] = {
    "hidden_sizes": (8,),
    "steps_per_epoch": 64,
    "epochs": 1,
    "train_v_iters": 0,
}
LONGER = {**SMALL, "steps_per_epoch": 128, "epochs": 25, "pi_lr": 0.03}


@cache
def changed(what: str | Variants) -> ModuleType:
    """The changed program, made only once."""
    return catalogue.module_of(what)


def shapes(answer: Answer) -> Cases:
    """There is a new argument, with its default and its range."""
    vpg = changed(answer.MODULE).vpg
    parameters = inspect.signature(vpg).parameters
    yield Case("vpg has an argument entropy_weight", "entropy_weight" in parameters, 1)
    yield Case("its default", parameters["entropy_weight"].default, 0.0)
    try:
        vpg(probes.SIGNAL, entropy_weight=-1.0, **SMALL)
        refused = False
    except UserError:
        refused = True
    yield Case("entropy_weight=-1.0 is refused", refused, True)


def one_step(
    module: ModuleType, weight: float, lr: float = 1.0
) -> tuple[torch.Tensor, Any, torch.Tensor]:
    """The parameters after one step of descent, the agent, and what it had seen."""
    seen: list[torch.Tensor] = []
    estimate = module.estimate

    def listen(*args: Any, **kwargs: Any) -> Any:
        data = estimate(*args, **kwargs)
        seen.append(data.obs)
        return data

    def descend(params: Any, **_: Any) -> torch.optim.SGD:
        return torch.optim.SGD(params, lr=lr)

    with replaced(module, estimate=listen), replaced(torch.optim, Adam=descend):
        agent = module.vpg(probes.SIGNAL, entropy_weight=weight, **SMALL)
    theta = torch.cat([p.detach().flatten() for p in agent.pi.parameters()])
    return theta, agent, seen[0]


def gradients(answer: Answer) -> Cases:
    """What the bonus adds to one step, against the gradient of the mean entropy."""
    module = changed(answer.MODULE)
    without, _, _ = one_step(module, 0.0)
    start, agent, obs = one_step(module, 0.0, lr=0.0)
    moved = (without - start).norm()
    yield Case("with weight 0 the policy still takes a step", moved, at_least(1e-3))
    entropy = agent.pi(obs).entropy().mean()
    slopes = torch.autograd.grad(entropy, [*agent.pi.parameters()])
    slope = torch.cat([x.flatten() for x in slopes])
    for weight in (0.5, 2.0):
        added = one_step(module, weight)[0] - without
        what = f"what weight {weight} adds to one step with rate 1, along the entropy"
        yield Case(what, added @ slope / (slope @ slope), weight, rtol=0.01)
        yield Case("and all of it", added, weight * slope, rtol=0.01, atol=1e-4)


def in_place(answer: Answer) -> Cases:
    """A little bonus still lets it learn, a large one keeps it random."""
    module = changed(answer.MODULE)
    agent = module.vpg(probes.SIGNAL, entropy_weight=0.01, **LONGER)
    what = "weight 0.01: the probability of the right action"
    yield Case(what, probes.chances(agent), at_least(0.8))
    agent = module.vpg(probes.SIGNAL, entropy_weight=10.0, **LONGER)
    entropy = agent.pi(torch.tensor([[-1.0], [1.0]])).entropy().mean().item()
    what = f"weight 10: the entropy, at most log 2 = {math.log(2):.3f}"
    yield Case(what, entropy, at_least(0.68))
