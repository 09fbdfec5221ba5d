# spinup_lit/exercises/checks/td3_losses.py: generated from book/offpolicy/td3.md; edit the chapter. sha256:8fa778f1134230d6
"""Checks of the exercise `td3-losses`."""

import numpy as np
import torch

from spinup_lit import td3
from spinup_lit.exercises import probes
from spinup_lit.exercises.form import Answer, Case, Cases, Exercise, replaced
from spinup_lit.machinery.arguments import below

EXERCISE = Exercise(
    title="The losses, function by function",
    chapter="offpolicy/td3",
    kind="implement",
    difficulty=3,
    minutes=25,
    hints=(
        "Write the shapes beside each line. Along which axis lie the critics?",
        "A minimum over the critics is `next_q.min(dim=0).values`; a mean over the batch "
        "goes along the last axis.",
        "Sum, not mean, over the critics: each must get the gradient of its own loss.",
        "The policy asks the first critic only. Do not detach: its gradient must pass.",
    ),
    seconds=90,
)


def shapes(answer: Answer) -> Cases:
    """A vector, and two scalars."""
    q, rew = torch.ones(2, 3), torch.zeros(3)
    y = answer.td3_target(rew, rew > 0, q, 0.9)
    yield Case("td3_target of three steps: the shape", tuple(y.shape), (3,))
    loss = answer.td3_critic_loss(q, rew)
    yield Case("td3_critic_loss of three steps: the shape", tuple(loss.shape), ())
    loss = answer.td3_actor_loss(q)
    yield Case("td3_actor_loss of three steps: the shape", tuple(loss.shape), ())


def by_hand(answer: Answer) -> Cases:
    """Two steps, the second of which ends the task."""
    q = torch.tensor([[4.0, 6.0], [8.0, 2.0]])
    over = torch.tensor([False, True])
    y = answer.td3_target(torch.tensor([1.0, 1.0]), over, q, 0.5)
    what = "td3_target: next_q [[4, 6], [8, 2]], rewards 1, the second ends, gamma 0.5"
    yield Case(what, y, [3.0, 1.0])
    y = answer.td3_target(torch.zeros(2), torch.zeros(2) > 0, q, 0.5)
    yield Case("the same without an end, rewards 0", y, [2.0, 1.0])
    loss = answer.td3_critic_loss(q, torch.tensor([4.0, 2.0]))
    yield Case("td3_critic_loss: q [[4, 6], [8, 2]], y [4, 2]", loss, 16.0)
    loss = answer.td3_actor_loss(q)
    yield Case("td3_actor_loss: q [[4, 6], [8, 2]]", loss, -5.0)


def steps(seed: int) -> tuple[torch.Tensor, ...]:
    """Random steps: rew, terminated, next_q."""
    rng = np.random.default_rng(seed)
    over = torch.tensor(rng.random(40) < 0.3)
    return (
        torch.tensor(rng.normal(size=40)),
        over,
        torch.tensor(rng.normal(size=(2, 40))),
    )


def properties(answer: Answer) -> Cases:
    """Which critic is the first does not matter to the target."""
    rew, over, q = steps(1)
    y = answer.td3_target(rew, over, q, 0.9)
    turned = answer.td3_target(rew, over, q.flip(0), 0.9)
    yield Case("td3_target, the critics exchanged: the same", turned, y)
    one = rew + 0.9 * q[0] * ~over
    what = "how far a target is above that of the first critic alone"
    yield Case(what, float((y - one).max()), below(1e-9))
    twice = answer.td3_critic_loss(torch.stack([y, y + 2]), y)
    yield Case("td3_critic_loss: one critic right, the other off by 2", twice, 4.0)


def oracle(answer: Answer) -> Cases:
    """Step by step, in plain Python."""
    rew, over, q = steps(2)
    rows = zip(rew.tolist(), over.tolist(), *q.tolist())
    y = [r + (0.0 if end else 0.99 * min(a, b)) for r, end, a, b in rows]
    got = answer.td3_target(rew, over, q, 0.99)
    yield Case("td3_target of 40 random steps, gamma 0.99", got, y, rtol=1e-9)
    total = sum(
        (value - goal) ** 2 for row in q.tolist() for value, goal in zip(row, y)
    )
    got = answer.td3_critic_loss(q, torch.tensor(y, dtype=torch.float64))
    yield Case("td3_critic_loss of 40 random steps", got, total / 40, rtol=1e-9)
    got = answer.td3_actor_loss(q)
    yield Case("td3_actor_loss of 40 random steps", got, -sum(q[0].tolist()) / 40)


def gradients(answer: Answer) -> Cases:
    """Where they stop, and how long they are."""
    rew, over, q = steps(3)
    q.requires_grad_()
    y = answer.td3_target(rew, over, q, 0.9)
    yield Case("whether a gradient can reach next_q", y.requires_grad, False)
    loss = answer.td3_critic_loss(q, rew)
    yield Case("whether the critics' loss has a gradient", loss.requires_grad, True)
    (slope,) = torch.autograd.grad(loss, q)
    what = "slope of td3_critic_loss in the first critic: that of its loss alone"
    yield Case(what, slope[0], (2 / 40) * (q[0] - rew).detach())
    loss = answer.td3_actor_loss(q)
    yield Case("whether the policy's loss has a gradient", loss.requires_grad, True)
    (slope,) = torch.autograd.grad(loss, q)
    right = torch.zeros(2, 40, dtype=torch.float64)
    right[0] = -1 / 40
    yield Case("slope of td3_actor_loss in the opinions", slope, right)


def in_place(answer: Answer) -> Cases:
    """A short training: the action should be half of the observation."""

    def target(
        ac: td3.ActorCritic, data: td3.Transitions, gamma: float, *noise: float
    ) -> torch.Tensor:
        act = td3.smooth(ac, ac.pi_target(data.next_obs), *noise)
        next_q = ac.q_target(data.next_obs, act)
        y: torch.Tensor = answer.td3_target(data.rew, data.terminated, next_q, gamma)
        return y

    def actor_loss(q: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = answer.td3_actor_loss(torch.stack([q, 0 * q]))
        return loss

    losses = {"critic_loss": answer.td3_critic_loss, "actor_loss": actor_loss}
    with replaced(td3, target=target, **losses):
        agent = td3.td3(
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
    yield Case("how far TD3's actions are from right ones", error, below(1.0))
