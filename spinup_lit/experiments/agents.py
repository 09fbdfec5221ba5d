# spinup_lit/experiments/agents.py: generated from book/practice/clips.md; edit the chapter. sha256:de8e83cc64f7625b
"""Policies that act in a page of the book: exported, measured, and shown.

`python -m spinup_lit.experiments.agents` makes them again.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import nn

from spinup_lit import vpg
from spinup_lit.experiments.clips import agents_after, untrained
from spinup_lit.experiments.figures import number
from spinup_lit.experiments.play import run_episode
from spinup_lit.experiments.runs import as_text
from spinup_lit.experiments.settings import ROOT, SETTINGS
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.logger import versions, write_atomically
from spinup_lit.machinery.training import Agent

SETTING = SETTINGS["vpg_CartPole-v1"]
EPOCHS = (0, 5, 20, 100)


def policies() -> list[Agent]:
    """The agents of one run after each of `EPOCHS`."""
    per_epoch = SETTING.config(0)["steps_per_epoch"]
    moments = [epoch * per_epoch for epoch in EPOCHS[1:]]
    after = agents_after(SETTING, moments)
    return [untrained(SETTING), *(after[moment] for moment in moments)]


def pack(policy: nn.Module) -> dict[str, Any]:
    """Parameters as one signed byte each, and a factor for each tensor."""
    tensors = [x.detach().numpy() for x in policy.parameters()]
    factors = [float(np.float32(abs(x).max() / 127)) for x in tensors]
    rounded = [np.rint(x / k).astype(np.int8) for x, k in zip(tensors, factors)]
    text = base64.b64encode(b"".join(x.tobytes() for x in rounded)).decode()
    return {"factors": factors, "bytes": text}


def unpack(policy: nn.Module, packed: Mapping[str, Any]) -> None:
    """Give a policy the parameters that were packed, as a page reads them."""
    numbers = np.frombuffer(base64.b64decode(packed["bytes"]), np.int8)
    at = 0
    with torch.no_grad():
        for x, factor in zip(policy.parameters(), packed["factors"]):
            part = factor * numbers[at : at + x.numel()].astype(np.float32)
            x.copy_(torch.from_numpy(part).view_as(x))
            at += x.numel()


def balances(agent: Agent, deterministic: bool, episodes: int = 100) -> float:
    """The mean number of steps for which an agent balances the pole."""
    torch.manual_seed(0)
    with make(SETTING.env) as env:
        returns = [
            run_episode(agent, env, deterministic, i)[0] for i in range(episodes)
        ]
    return float(np.mean(returns))


def export() -> dict[str, Any]:
    """The packed policies, what each earns, and what they were made with."""
    stages = []
    for epoch, agent in zip(EPOCHS, policies()):
        policy = cast(vpg.ActorCritic, agent).pi
        packed = pack(policy)
        unpack(policy, packed)
        means = {"sampling": balances(agent, False), "mode": balances(agent, True)}
        stages.append({"epoch": epoch, **means, **packed})
    config = SETTING.config(0)
    made = {"setting": SETTING.name, "seed": 0, "code": config["code"]}
    sizes = [4, *config["hidden_sizes"], 2]
    return {**made, "versions": versions(), "sizes": sizes, "stages": stages}


def write_agents(root: Path = ROOT) -> None:
    """Train and export again: book/results/clips/agents.json."""
    path = root / "book/results/clips/agents.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, as_text(export()).encode())
    print(f"{path}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def bars(stages: Sequence[Mapping[str, Any]]) -> str:
    """How long each policy balances the pole, as a picture that stands still."""
    rows = []
    for i, stage in enumerate(stages):
        y, steps = 34 * i, stage["sampling"]
        rows.append(
            f'<text x="128" y="{y + 20}" text-anchor="end">{stage["epoch"]} epochs</text>'
            f'<rect x="138" y="{y + 4}" width="{0.44 * steps:.0f}" height="22" rx="2"/>'
            f'<text x="{146 + 0.44 * steps:.0f}" y="{y + 20}">{number(steps)}</text>'
        )
    words = ", ".join(f"{number(s['sampling'])} after {s['epoch']}" for s in stages)
    return (
        f'<svg class="agent-bars" viewBox="0 0 400 {34 * len(stages)}" role="img" '
        f'aria-label="Mean number of steps balanced, by epochs of training: {words}.">'
        f"{''.join(rows)}</svg>"
    )


def agent_figure(path: Path | str, caption: str, static: str = "../_static") -> str:
    """The figure in which a reader meets the agents, as HTML for a page of the book.

    Args:
        path: of what `export` made.
        caption: what there is to do, as HTML.
        static: where the page finds the scripts.
    """
    found = json.loads(Path(path).read_text())
    data = json.dumps({name: found[name] for name in ("sizes", "stages")})
    return (
        f'<figure class="agent">{bars(found["stages"])}'
        f"<figcaption>{caption}</figcaption>"
        f'<script type="application/json">{data}</script></figure>'
        f'<script defer src="{static}/cartpole.js"></script>'
        f'<script defer src="{static}/agent.js"></script>'
    )


if __name__ == "__main__":
    write_agents()
