# spinup_lit/exercises/checks/ddpg_twins.py: generated from book/offpolicy/ddpg.md; edit the chapter. sha256:7194f98a77982565
"""Checks of the exercise `ddpg-twins`."""

from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import torch
from gymnasium.spaces import Box

from spinup_lit.exercises import catalogue, probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise
from spinup_lit.machinery.arguments import at_least, below

EXERCISE = Exercise(
    title="A second opinion",
    chapter="offpolicy/ddpg",
    kind="change",
    difficulty=3,
    minutes=40,
    hints=(
        "Begin with `Critic`: two networks, and `forward` returns (2, B). Then look for "
        "everybody who calls it.",
        "There are four: target, update (twice, for the critics and for the policy), and "
        "`value`.",
        "In `critic_loss`, `q - y` broadcasts over the two rows; the mean goes over the "
        "last axis, the sum over the critics.",
    ),
    seconds=120,
)

module = cache(catalogue.module_of)


def small(ddpg: ModuleType) -> Any:
    """A small agent: observations of two numbers, actions of one."""
    torch.manual_seed(0)
    return ddpg.ActorCritic(Box(-1, 1, (2,)), Box(-2, 2, (1,)), (16,), 0.1)


class Says(torch.nn.Module):
    """A critic that always says the same, one row for each opinion."""

    def __init__(self, opinions: list[list[float]]):
        super().__init__()
        self.opinions = torch.tensor(opinions)

    def forward(self, obs: torch.Tensor, act: torch.Tensor) -> torch.Tensor:
        """The opinions, whatever is asked."""
        return self.opinions


def batch(ddpg: ModuleType, n: int) -> Any:
    """So many random steps with the reward 1; the second ends the task."""
    rng = torch.Generator().manual_seed(1)
    obs, next_obs = torch.randn(2, n, 2, generator=rng)
    over = torch.arange(n) == 1
    act = torch.rand(n, 1, generator=rng)
    return ddpg.Transitions(obs, act, next_obs, torch.ones(n), over)


def shapes(answer: Answer) -> Cases:
    """Two opinions, which differ."""
    ac = small(module(answer.MODULE))
    q = ac.q(torch.ones(3, 2), torch.ones(3, 1))
    yield Case(
        "ac.q of three observations and actions: the shape", tuple(q.shape), (2, 3)
    )
    apart = float((q[0] - q[1]).detach().abs().max())
    yield Case("how far the two opinions are apart at the start", apart, at_least(1e-3))
    slow = ac.q_target(torch.ones(3, 2), torch.ones(3, 1))
    yield Case("the slow copy says the same at the start", slow, q)
    value = ac.value(np.ones((3, 2), np.float32))
    yield Case("ac.value of three observations: the shape", value.shape, (3,))


def by_hand(answer: Answer) -> Cases:
    """Opinions that are given."""
    ddpg = module(answer.MODULE)
    ac = small(ddpg)
    ac.q_target = Says([[4.0, 6.0, 5.0], [8.0, 2.0, 0.0]])
    y = ddpg.target(ac, batch(ddpg, 3), 0.5)
    what = (
        "target: slow opinions [[4, 6, 5], [8, 2, 0]], rewards 1, the second step ends"
    )
    yield Case(f"{what}, gamma 0.5", y, [3.0, 1.0, 1.0])
    loss = ddpg.critic_loss(torch.tensor([[4.0, 6], [8, 2]]), torch.tensor([4.0, 2]))
    yield Case("critic_loss: opinions [[4, 6], [8, 2]], targets [4, 2]", loss, 16.0)
    ac.q = Says([[4.0, 6.0], [8.0, 2.0]])
    value = ac.value(np.ones((2, 2), np.float32))
    yield Case("ac.value where the critics say [[4, 6], [8, 2]]", value, [4.0, 2.0])


def gradients(answer: Answer) -> Cases:
    """One update: whom the policy climbs, and who learns."""
    ddpg = module(answer.MODULE)
    ac, data = small(ddpg), batch(ddpg, 40)
    pi, q = (torch.optim.SGD(x.parameters(), 0.01) for x in (ac.pi, ac.q))
    still = torch.optim.SGD(ac.q.parameters(), 0.0)
    first = ac.q(data.obs, ac.pi(data.obs))[0].mean().item()
    row = ddpg.update(ac, pi, still, data, 0.9, 0.9)
    yield Case("LossPi of an update: minus the first opinion", row["LossPi"], -first)
    before = ac.q(data.obs, data.act).detach()
    ddpg.update(ac, pi, q, data, 0.9, 0.9)
    moved = (ac.q(data.obs, data.act) - before).abs().amax(1)
    for which, by in zip(("first", "second"), moved.tolist()):
        what = f"how far an update moves the opinion of the {which} critic"
        yield Case(what, by, at_least(1e-5))


def in_place(answer: Answer) -> Cases:
    """A short training: the action should be half of the observation."""
    agent = module(answer.MODULE).ddpg(
        probes.TARGET,
        hidden_sizes=(32,),
        steps_per_epoch=500,
        epochs=2,
        start_steps=300,
        update_after=100,
        pi_lr=3e-3,
        q_lr=1e-2,
    )
    act = agent.act(np.array([[-1.0], [1.0]], np.float32), deterministic=True)
    error = float(abs(act - [[-0.5], [0.5]]).mean())
    yield Case("how far the agent's actions are from right ones", error, below(1.0))
