# spinup_lit/experiments/settings.py: generated from book/practice/results.md; edit the chapter. sha256:54a1fe409be16aab
"""What the book shows results of: algorithms, environments, arguments, variants."""

import json
import math
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from spinup_lit import ddpg, dqn, ppo, sac, td3, trpo, vpg
from spinup_lit.experiments.digests import digest
from spinup_lit.experiments.spectator import Spectator
from spinup_lit.first import baseline, reward_to_go, simplest_pg
from spinup_lit.machinery.errors import UserError, require
from spinup_lit.machinery.evaluation import Evaluator
from spinup_lit.machinery.launch import configuration

EVALUATIONS = 40  # in a run, about


ROOT = Path(__file__).resolve().parents[2]  # of the checkout


@cache
def variant_source(module: str, variants: tuple[str, ...]) -> str:
    """The source of a module of this package with some variants put in.

    Raises:
        UserError: the chapters are not here, or a variant does not fit.
    """
    require(
        (ROOT / "tangle").is_dir(),
        f"the variants {', '.join(variants)} stand in the chapters of the book, and "
        f"{ROOT} is no checkout of it",
    )
    file = f"{module.replace('.', '/')}.py"
    command = [sys.executable, "-m", "tangle", "variant", file, *variants]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    require(
        made.returncode == 0,
        f"{file} cannot be made with {', '.join(variants)}: {made.stderr.strip()}",
    )
    return made.stdout


@cache
def code(
    train: Callable[..., Any], measured_by: type, variants: tuple[str, ...]
) -> str:
    """The digest of what trains, with these variants put in, and of what measures."""
    instead, module = dict[str, str](), train.__module__
    if variants:
        try:
            instead[module] = variant_source(module, variants)
        except UserError:
            return "its variants do not fit"
    return digest(train, measured_by, instead=instead)


@dataclass(frozen=True)
class Setting:
    """What is run with several seeds, and makes one learning curve.

    Attributes:
        train: the training function.
        env: Gymnasium id of the environment.
        options: other arguments that differ from the function's defaults.
        seeds: how many: 0, ..., seeds - 1.
        tag: tells it from other settings of the same function and environment.
        label: what figures call it, if neither its tag nor its algorithm.
        variants: changes of the algorithm's file, such as `ppo:orthogonal-weights`.
    """

    train: Callable[..., Any]
    env: str
    options: Mapping[str, Any]
    seeds: int = 5
    tag: str = ""
    label: str = ""
    variants: tuple[str, ...] = ()

    measured_by: ClassVar[type] = Evaluator

    @property
    def module(self) -> Any:
        """The module of the training function."""
        return sys.modules[self.train.__module__]

    @property
    def algorithm(self) -> str:
        """The name of this module, such as `ppo`."""
        return self.train.__module__.rpartition(".")[2]

    @property
    def name(self) -> str:
        """The name of its folder, such as `ppo_CartPole-v1`."""
        tag = f"_{self.tag}" if self.tag else ""
        return f"{self.algorithm}_{self.env}{tag}"

    def rhythm(self, config: Mapping[str, Any]) -> dict[str, int]:
        """How often a run is evaluated: whenever it saves, about forty times."""
        return {"save_freq": max(1, round(config["epochs"] / EVALUATIONS))}

    def defaults(self) -> dict[str, Any]:
        """The defaults of the training function, as they are read back."""
        return dict(json.loads(json.dumps(configuration(self.train, {}))))

    def config(self, seed: int) -> dict[str, Any]:
        """All on which the outcome of a run depends, but for versions of libraries."""
        options = {**self.options, "env": self.env, "seed": seed}
        config = {"algorithm": self.algorithm, "variants": self.variants, "num_cpu": 1}
        config |= configuration(self.train, options)
        config |= self.rhythm(config)
        config["code"] = code(self.train, self.measured_by, self.variants)
        return dict(json.loads(json.dumps(config)))  # as it will be read back


class Program(Setting):
    """A setting of a short program, which needs no folder and always starts anew."""

    measured_by = Spectator

    def rhythm(self, config: Mapping[str, Any]) -> dict[str, int]:
        """How often a run is evaluated: after so many interactions."""
        return {"evaluate_every": max(1, round(config["steps"] / EVALUATIONS))}


TASKS = ("CartPole-v1", "InvertedPendulum-v5", "Acrobot-v1")
MATRIX = (
    Program(simplest_pg.train, "CartPole-v1", {}, label="full return"),
    Program(reward_to_go.train, "CartPole-v1", {}, label="reward-to-go"),
    Program(baseline.train, "CartPole-v1", {}, label="with baseline"),
    *(Setting(vpg.vpg, env, {"epochs": 195}) for env in TASKS),
    *(Setting(trpo.trpo, env, {"epochs": 195}) for env in TASKS),
    *(Setting(ppo.ppo, env, {"epochs": 97}) for env in TASKS),
    Setting(ppo.ppo, "LunarLander-v3", {"epochs": 488}),
    Setting(ppo.ppo, "HalfCheetah-v5", {"epochs": 488}, seeds=3),
    Setting(trpo.trpo, "HalfCheetah-v5", {"epochs": 976}, seeds=3),
)


LANDING = {"hidden_sizes": (64, 64), "steps_per_epoch": 3000, "epochs": 50}
RUNNING = {"batch_size": 256, "epochs": 50, "num_test_episodes": 1}
SLOWLY = {"pi_lr": 3e-4, "q_lr": 3e-4, "alpha_lr": 3e-4}
OFF_POLICY = (
    Setting(dqn.dqn, "CartPole-v1", {}),
    Setting(dqn.dqn, "CartPole-v1", {}, tag="double", variants=("dqn:double-target",)),
    Setting(dqn.dqn, "CartPole-v1", {"lr_decay": 0.0}, tag="constant-rate"),
    *(Setting(train, "Pendulum-v1", {}) for train in (ddpg.ddpg, td3.td3, sac.sac)),
    *(
        Setting(train, "LunarLanderContinuous-v3", LANDING, seeds=2)
        for train in (td3.td3, sac.sac)
    ),
    Setting(td3.td3, "HalfCheetah-v5", RUNNING, seeds=2),
    Setting(sac.sac, "HalfCheetah-v5", {**RUNNING, **SLOWLY}, seeds=2),
    *(
        Setting(td3.td3, "Pendulum-v1", {}, tag=trick, variants=(f"td3:{trick}",))
        for trick in ("one-critic", "no-delay", "no-smoothing")
    ),
)

CUSTOMARY: dict[str, Any] = {
    "epochs": 97,
    "pi_lr": 1e-3,
    "vf_lr": 1e-3,
    "normalise_obs": True,
    "normalise_ret": True,
    "ppo:orthogonal-weights": True,
    "max_grad_norm": 0.5,
    "target_kl": 0.03,
    "lr_decay": 1.0,
    "ppo:larger-adam-eps": True,
}
DETAILS: dict[str, dict[str, Any]] = {
    "customary": {},
    "no-obs-norm": {"normalise_obs": False},
    "no-ret-norm": {"normalise_ret": False},
    "no-orthogonal": {"ppo:orthogonal-weights": False},
    "no-grad-limit": {"max_grad_norm": math.inf},
    "no-kl-limit": {"target_kl": math.inf},
    "no-decay": {"lr_decay": 0.0},
    "small-adam-eps": {"ppo:larger-adam-eps": False},
}
NONE = {name: x for change in DETAILS.values() for name, x in change.items()}
NORMS_ONLY = {**NONE, "normalise_obs": True, "normalise_ret": True}
DETAILS |= {"none-of-these": NONE, "norms-only": NORMS_ONLY}

DEFAULTS: dict[str, dict[str, Any]] = {
    "default-no-obs-norm": {"normalise_obs": False},
    "default-no-ret-norm": {"normalise_ret": False},
    "default-low-rate": {"pi_lr": 3e-4, "vf_lr": 3e-4},
}

LABORATORY = ("Pendulum-v1", "LunarLander-v3", "Hopper-v5", "HalfCheetah-v5")
FOR_DEFAULTS = ("Pendulum-v1", "Hopper-v5", "HalfCheetah-v5")


def ablation(env: str, tag: str, change: Mapping[str, Any]) -> Setting:
    """PPO with all that is customary, but for this change."""
    choice = {**CUSTOMARY, **change}
    variants = tuple(name for name, x in choice.items() if ":" in name and x)
    options = {name: x for name, x in choice.items() if ":" not in name}
    return Setting(ppo.ppo, env, options, tag=tag, variants=variants)


CHANGES = DETAILS | {tag: NORMS_ONLY | change for tag, change in DEFAULTS.items()}
FALLING = {"epochs": 488, "lr_decay": 1.0}
ABLATIONS = (
    *(
        ablation(env, tag, change)
        for env in LABORATORY
        for tag, change in CHANGES.items()
        if tag in DETAILS or env in FOR_DEFAULTS
    ),
    Setting(ppo.ppo, "LunarLander-v3", FALLING, tag="falling-rate"),
)
SETTINGS = {setting.name: setting for setting in MATRIX + OFF_POLICY + ABLATIONS}
