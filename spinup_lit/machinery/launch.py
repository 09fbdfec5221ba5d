# spinup_lit/machinery/launch.py: generated from book/practice/running.md; edit the chapter. sha256:ea87273560f14fc8
"""A training run: its folder, its configuration, and how it is carried out."""

import json
import math
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import getfile, isfunction, signature, unwrap
from itertools import count
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Annotated, Any, Literal, NamedTuple, cast

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec, find_highest_version
from tyro.conf import arg

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import check_arguments
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.display import Display
from spinup_lit.machinery.envs import make
from spinup_lit.machinery.errors import PROGRAM, UserError, require
from spinup_lit.machinery.logger import as_json, read_config, save_config, versions
from spinup_lit.machinery.training import (
    Agent,
    Training,
    Watcher,
    check_unused,
    loading,
    watched,
)
from spinup_lit.machinery.watchers import check_tensorboard, recorded

NOTHING: Mapping[str, Any] = MappingProxyType({})

RESERVED = ("output_dir", "resume")  # arguments of a training function that we supply
# What config.json says besides the arguments of the training function: what does not
# touch the training, and what does.
ABOUT = ("exp_name", "command", "commit", "versions", "snapshots", "tensorboard")
OF_LAUNCH = ("algorithm", "num_cpu", "env_kwargs", *ABOUT)


def training_function(algorithm: str) -> Callable[..., Agent]:
    """The function that trains agents by an algorithm.

    Args:
        algorithm: a module of this package, such as "ppo", or the path of a Python file.

    Raises:
        UserError: there is no such algorithm or file, or not one training function in it.
    """
    if not algorithm.endswith(".py"):
        name = f"spinup_lit.{algorithm}"
        require(find_spec(name) is not None, f"there is no algorithm {algorithm!r}")
        return cast(Callable[..., Agent], getattr(import_module(name), algorithm))
    found = [x for x in vars(load_file(Path(algorithm))).values() if is_training(x)]
    names = ", ".join(function.__name__ for function in found) or "none"
    require(
        len(found) == 1,
        f"{algorithm} must have one training function, which takes the arguments "
        f"output_dir and resume; it has {names}",
    )
    (train,) = found
    require(
        {"env", "seed"} <= signature(train).parameters.keys(),
        f"{train.__name__} must take the arguments env and seed, too",
    )
    return cast(Callable[..., Agent], train)


def is_training(x: Any) -> bool:
    """Whether this is a function that trains agents."""
    return isfunction(x) and set(RESERVED) <= signature(x).parameters.keys()


def configuration(
    train: Callable[..., Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of a run: these, and the defaults of the others."""
    ours = ", ".join(options.keys() & set(RESERVED))
    require(not ours, f"{ours} cannot be given; data_dir and exp_name name the folder")
    try:
        arguments = signature(train).bind(**options)
    except TypeError as error:
        raise UserError(f"{train.__name__}: {error}") from error
    arguments.apply_defaults()
    return {k: v for k, v in arguments.arguments.items() if k not in RESERVED}


def load_file(path: Path) -> ModuleType:
    """The module that a Python file makes.

    Raises:
        UserError: there is no such file, or it is not Python.
    """
    require(path.is_file(), f"there is no file {path}")
    spec = spec_from_file_location(str(path.resolve()), path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be loaded as Python")
    module = sys.modules[spec.name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise UserError(f"{path}:{error.lineno}: {error.msg}") from error
    return module


@contextmanager
def environment(config: Mapping[str, Any]) -> Iterator[None]:
    """Let the id of a run's environment stand for it, arguments and all, for a while.

    Args:
        config: of the run: its `env`, and perhaps its `env_kwargs`.

    Raises:
        UserError: there is no such environment, or it takes no such arguments.
    """
    env, kwargs = config["env"], config.get("env_kwargs", NOTHING)
    with ExitStack() as known:
        if maker := maker_of(env):
            spec = EnvSpec(env.partition(":")[2], entry_point=maker)
            known.enter_context(registered(spec))
        if kwargs:
            known.enter_context(registered(with_arguments(env, kwargs)))
        yield


def with_arguments(env: str, kwargs: Mapping[str, Any]) -> EnvSpec:
    """What Gymnasium knows of an environment, with other arguments."""
    with make(env, **kwargs) as made:
        spec = gym.registry[cast(EnvSpec, made.spec).id]
    given = dict(kwargs)
    limit = given.pop("max_episode_steps", spec.max_episode_steps)  # of `make` itself
    limit = None if limit == -1 else limit
    return replace(spec, kwargs=spec.kwargs | given, max_episode_steps=limit)


@contextmanager
def registered(spec: EnvSpec) -> Iterator[None]:
    """Let an id stand for this environment, and afterwards for what it stood for."""
    before = gym.registry.get(spec.id)
    gym.registry[spec.id] = spec
    try:
        yield
    finally:
        del gym.registry[spec.id]
        if before:
            gym.registry[spec.id] = before


def maker_of(env: str) -> Callable[..., gym.Env] | None:
    """The class or function that `module:Name` names; None if it names an id.

    Raises:
        UserError: it may be meant for either, or there can be no such module.
    """
    module, _, name = env.partition(":")
    if not name:
        return None
    require(
        re.fullmatch(r"[\w-]+(\.[\w-]+)*", module) is not None,
        f"env is {env!r}; before the colon stands a module, such as mine for mine.py",
    )
    try:
        found = getattr(import_module(module), name, None)
    except ImportError:
        return None  # Gymnasium will say so
    if not callable(found) or name in gym.registry:
        return None
    version = find_highest_version(None, name)
    require(
        version is None,
        f"env is {env!r}, where {module} has {name}, and Gymnasium knows "
        f"{name}-v{version}; which is meant? Give the id, or the class another name",
    )
    return cast(Callable[..., gym.Env], found)


def id_of(env: str | Callable[..., gym.Env]) -> str:
    """The id of an environment, or `module:Name` for a class or function of a module.

    Raises:
        UserError: other processes could not find it.
    """
    if isinstance(env, str):
        return env
    name = f"{env.__module__}:{env.__qualname__}"
    require(
        env.__module__ != "__main__" and maker_of(name) is env,
        f"env is {env!r}, which another process cannot find by its name; define it at "
        "the top of a module that can be imported, or give its id",
    )
    return name


def check_ranks(num_cpu: int) -> None:
    """Raise a `UserError` unless this machine has a core for every rank."""
    cores = mpi.cores()
    require(
        1 <= num_cpu <= cores,
        f"num_cpu is {num_cpu}; this machine can run 1 to {cores} ranks, one a core",
    )


@dataclass(frozen=True)
class Place:
    """Where the runs of an experiment are kept.

    Attributes:
        data_dir: folder that holds all experiments.
        exp_name: name of the experiment.
        datestamp: whether the names of the folders begin with date and time.

    Raises:
        UserError: the name is not that of one folder.
    """

    data_dir: Path
    exp_name: str
    datestamp: bool = False

    def __post_init__(self) -> None:
        require(
            self.exp_name not in ("", ".", "..") and "/" not in self.exp_name,
            f"exp_name is {self.exp_name!r}; it names one folder: no / in it, "
            "no . or ..",
        )

    def new_run_dir(self, seed: int) -> Path:
        """Make the folder of a run, EXP_NAME_sSEED, or ..._2, _3 if it is taken."""
        now = datetime.now()
        day, moment = (f"{now:%Y-%m-%d_}", f"{now:%Y-%m-%d_%H-%M-%S-}")
        experiment, name = self.exp_name, f"{self.exp_name}_s{seed}"
        if self.datestamp:
            experiment, name = day + experiment, moment + name
        for number in count(1):
            suffix = f"_{number}" if number > 1 else ""
            path = self.data_dir / experiment / f"{name}{suffix}"
            try:
                path.mkdir(parents=True)
                break
            except FileExistsError:
                continue
            except OSError as error:
                raise UserError(
                    f"cannot create the folder {path}: {error.strerror}; "
                    "--data_dir DIR puts the results elsewhere"
                ) from error
        return path


@cache
def commit_of(file: Path) -> str | None:
    """The commit in which Git keeps a file, and whether anything has changed since.

    Returns:
        Such as `06ddb97...` or `06ddb97...-dirty`; None if Git is not here, or does not
        keep the file.
    """

    def git(*words: str) -> str:
        command = ["git", "-C", str(file.parent), *words]
        return subprocess.run(command, capture_output=True, text=True).stdout.strip()

    try:
        kept = git("ls-files", file.name)
        commit = git("describe", "--always", "--exclude=*", "--abbrev=40", "--dirty")
    except OSError:
        return None
    return commit if kept and commit else None


class Plan(NamedTuple):
    """A run that is possible.

    Attributes:
        name: of its experiment, unless it is given another.
        config: what config.json will say of it.
    """

    name: str
    config: dict[str, Any]

    def make(self, place: Place) -> Path:
        """Make the folder of the run, with its config.json.

        Raises:
            UserError: there can be no such folder, or there is no room in it.
        """
        run_dir = place.new_run_dir(self.config["seed"])
        try:
            save_config(run_dir, {**self.config, "exp_name": place.exp_name})
        except UserError:
            run_dir.rmdir()
            raise
        return run_dir


def plan(
    algorithm: str,
    *,
    num_cpu: int | Literal["auto"] = 1,
    env_kwargs: Mapping[str, Any] = NOTHING,
    snapshots: bool = False,
    tensorboard: bool = False,
    **options: Any,
) -> Plan:
    """Check all that can be checked of a run before it has a folder; see `start`."""
    require(mpi.num_procs() == 1, "start one process; --num_cpu N makes N ranks of it")
    ranks = mpi.cores() if num_cpu == "auto" else num_cpu
    check_ranks(ranks)
    if tensorboard:
        check_tensorboard()
    train = training_function(algorithm)
    if "env" in options:
        options["env"] = id_of(options["env"])
    arguments = configuration(train, options)
    of_launch = {"num_cpu": ranks, "env_kwargs": dict(env_kwargs)}
    check_json(arguments | of_launch)
    with environment(arguments | of_launch):
        check_arguments(train, arguments, ranks)
    source = Path(getfile(unwrap(train))).resolve()
    name = default_name(algorithm, arguments["env"])
    identity = str(source) if algorithm.endswith(".py") else algorithm
    about = {
        "command": shlex.join(sys.orig_argv),
        "commit": commit_of(source),
        "snapshots": snapshots,
        "tensorboard": tensorboard,
    }
    return Plan(name, {"algorithm": identity, **of_launch, **arguments, **about})


def default_name(algorithm: str, env: str) -> str:
    """What an experiment is called that is not given a name."""
    return re.sub(r"[^\w.-]", "-", f"{Path(algorithm).stem}_{env}")


def check_json(config: Mapping[str, Any]) -> None:
    """Raise a `UserError` unless config.json can hold these values."""
    for name, x in config.items():
        try:
            json.dumps(as_json(x))
        except TypeError as error:
            raise UserError(f"{name} is {x!r}; config.json cannot hold it") from error


def start(
    algorithm: str,
    *,
    exp_name: Annotated[str, arg(help="name; if empty, ALGORITHM_ENV")] = "",
    data_dir: Annotated[Path, arg(help="folder of all experiments")] = Path("data"),
    datestamp: Annotated[bool, arg(help="put date and time before the names")] = False,
    num_cpu: Annotated[
        int | Literal["auto"], arg(help="MPI ranks that share a run; auto: one a core")
    ] = 1,
    env_kwargs: Mapping[str, Any] = NOTHING,
    snapshots: Annotated[bool, arg(help="keep the agent of every checkpoint")] = False,
    tensorboard: Annotated[bool, arg(help="write rows for TensorBoard too")] = False,
    quiet: Annotated[bool, arg(help="show nothing but errors")] = False,
    **options: Any,
) -> Path:
    """Start a run of an algorithm, such as "vpg", in a folder of its own.

    Args:
        algorithm: name of a module of this package, or path of a Python file.
        exp_name: name of the experiment; if empty, those of algorithm and environment.
        data_dir: folder that holds all experiments.
        datestamp: whether the names of the folders begin with date and time.
        num_cpu: MPI ranks that share the work of the run; "auto": one for each core.
        env_kwargs: what `gymnasium.make` gets besides the id of the environment.
        snapshots: keep the agent of every checkpoint, not only of the last.
        tensorboard: write the rows of progress.txt for TensorBoard, too.
        quiet: whether to show nothing but errors.
        options: arguments of the training function.

    Returns:
        The folder of the run.

    Raises:
        UserError: the run is impossible; nothing has been written.
    """
    run = plan(
        algorithm,
        num_cpu=num_cpu,
        env_kwargs=env_kwargs,
        snapshots=snapshots,
        tensorboard=tensorboard,
        **options,
    )
    run_dir = run.make(Place(Path(data_dir), exp_name or run.name, datestamp))
    carry_out(run_dir, run.config, quiet)
    return run_dir


def resume(run_dir: Path, /, *, epochs: int | None = None, quiet: bool = False) -> None:
    """Continue an interrupted run from its last checkpoint, or train a finished one on.

    Args:
        run_dir: folder of the run.
        epochs: how many the whole run shall have; None: as many as before.
        quiet: show nothing but errors.
    """
    config = read_config(run_dir)
    if mpi.num_procs() > 1:  # we are one of the ranks
        run_here(run_dir, config, quiet)
        return
    check_unused(run_dir)
    if epochs is not None:
        config["epochs"] = epochs
    train, arguments = what_to_run(config)
    with environment(config):
        check_arguments(train, arguments, config["num_cpu"])
    if (run_dir / "checkpoint.pt").exists():
        checkpoint = read_checkpoint(run_dir)
        check_unchanged(run_dir, config, checkpoint)
        if is_finished(run_dir, config, checkpoint["epochs"]):
            return
    if epochs is not None:
        save_config(run_dir, config)
    carry_out(run_dir, config, quiet)


def carry_out(run_dir: Path, config: Mapping[str, Any], quiet: bool) -> None:
    """Train as this folder says, and say what can be done next."""
    quoted = shlex.quote(str(run_dir))
    warn_of_versions(config)
    try:
        if config["num_cpu"] > 1:
            run_ranks(run_dir, config["num_cpu"], quiet)
        else:
            run_here(run_dir, config, quiet)
    except KeyboardInterrupt:
        hint = f"\ninterrupted; to go on:\n  {PROGRAM} resume {quoted}"
        print(hint, file=sys.stderr)
        raise
    if not quiet:
        print(BANNER.format(line="=" * 80, program=PROGRAM, run_dir=quoted))


FREE = ("epochs", "save_freq", "device")  # may change when a run is resumed


class Witness(Watcher):
    """Keeps in the checkpoint what config.json says, which somebody may edit."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._testimony = what_trains(config)

    def look(self, run: Training) -> None:
        """See nothing."""

    def state_dict(self) -> dict[str, Any]:
        """What the run is trained with."""
        return self._testimony


def what_trains(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a configuration that must stay as it is as long as a run trains."""
    some = {k: as_json(x) for k, x in config.items() if k not in (*ABOUT, *FREE)}
    return some | {"algorithm": Path(config["algorithm"]).stem}


def check_unchanged(
    run_dir: Path, config: Mapping[str, Any], checkpoint: Mapping[str, Any]
) -> None:
    """Raise a `UserError` if a run has been trained with other arguments than these."""
    then = checkpoint["watchers"].get(Witness.__name__, {})
    now = what_trains(config)
    changed = [
        f"{name} {now.get(name)!r}, but it was {x!r}"
        for name, x in then.items()
        if now.get(name) != x
    ]
    require(
        not changed,
        f"{run_dir / 'config.json'} gives {'; '.join(changed)} when the run was "
        "trained. Put it back, or start another run: of a run that has begun only "
        f"{', '.join(FREE)} may change",
    )


def is_finished(run_dir: Path, config: Mapping[str, Any], done: int) -> bool:
    """Say so if a run has trained all of its epochs.

    Raises:
        UserError: it has trained more than it shall have.
    """
    total = config.get("epochs", math.inf)
    require(total >= done, f"epochs is {total}; the run has trained {done} already")
    if total == done:
        print(
            f"nothing is left to do: all {done} epochs are trained; to train on:\n"
            f"  {PROGRAM} resume {shlex.quote(str(run_dir))} --epochs {2 * done}"
        )
    return bool(total == done)


def warn_of_versions(config: Mapping[str, Any]) -> None:
    """Name what is here in another version than that with which a run began."""
    now = versions()
    other = [
        f"{name} {then} (here {now[name]})"
        for name, then in config.get("versions", {}).items()
        if name in now and then != now[name]
    ]
    if other:
        print(
            f"warning: the run began with {', '.join(other)}; it goes on, but perhaps "
            "not as it would have gone on there",
            file=sys.stderr,
        )


BANNER = """
{line}
End of experiment. Results are in {run_dir}

Plot the learning curve:
  {program} plot {run_dir}
Watch the trained agent:
  {program} test_policy {run_dir}
{line}"""


def run_ranks(run_dir: Path, ranks: int, quiet: bool) -> None:
    """Carry out a run on several ranks, each of which resumes it."""
    check_ranks(ranks)
    command = ["-m", "spinup_lit.run", "resume", str(run_dir)]
    if quiet:
        command.append("--quiet")
    else:
        print(f"running on {ranks} ranks", flush=True)
    status = mpi.launch(ranks, command)
    if status:
        sys.exit(status)


def what_to_run(
    config: Mapping[str, Any],
) -> tuple[Callable[..., Agent], dict[str, Any]]:
    """The training function of a run, and all its arguments, some by default.

    Raises:
        UserError: the function has not got all of them any more, or what is meant for
            the launcher is not what it writes.
    """
    for name, kind in (("algorithm", str), ("num_cpu", int), ("env_kwargs", dict)):
        x = config.get(name, kind())
        require(
            isinstance(x, kind),
            f"config.json gives {name} {x!r}, which should be a {kind.__name__}",
        )
    require("env" in config, "config.json gives no env")
    train = training_function(config["algorithm"])
    arguments = {k: v for k, v in config.items() if k not in OF_LAUNCH}
    gone = sorted(arguments.keys() - signature(train).parameters.keys())
    require(
        not gone,
        f"config.json gives {', '.join(gone)}, which {train.__name__} does not have; "
        "is the code not that of the run any more?",
    )
    return train, configuration(train, arguments)


def run_here(run_dir: Path, config: Mapping[str, Any], quiet: bool) -> Agent:
    """Carry out a run in this process, which may be one rank of several."""
    train, arguments = what_to_run(config)
    begun = (run_dir / "checkpoint.pt").exists()
    with ExitStack() as meanwhile:
        meanwhile.enter_context(environment(config))
        if mpi.proc_id() == 0:
            meanwhile.enter_context(watched(Witness(config)))
            meanwhile.enter_context(recorded(run_dir, config))
        if mpi.proc_id() == 0 and not quiet:
            meanwhile.enter_context(watched(meanwhile.enter_context(Display())))
        return train(**arguments, output_dir=run_dir, resume=begun)


def load_agent(run_dir: Path | str) -> Agent:
    """The agent that a run has trained, as of its last checkpoint.

    Raises:
        UserError: the folder holds no run, or a run without a checkpoint.
    """
    run_dir = Path(run_dir)
    config = read_config(run_dir)
    begun = (run_dir / "checkpoint.pt").exists()
    require(begun, f"{run_dir} has no checkpoint.pt yet; let it train")
    train, arguments = what_to_run(config)
    if "device" in arguments:
        arguments["device"] = "cpu"  # there need be no GPU here
    with environment(config), loading():
        return train(**arguments, output_dir=run_dir, resume=True)
