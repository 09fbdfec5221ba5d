# spinup_lit/machinery/launch.py: generated from book/practice/running.md; edit the chapter. sha256:cc8ade49c3fa4c37
"""A training run: its options, its folder, and how it is carried out."""

import math
import re
import shlex
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from inspect import Signature, isfunction, signature
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, cast

from tyro.conf import arg

from spinup_lit.machinery import mpi
from spinup_lit.machinery.arguments import check_arguments
from spinup_lit.machinery.checkpoint import read_checkpoint
from spinup_lit.machinery.display import Display
from spinup_lit.machinery.errors import PROGRAM, UserError, require
from spinup_lit.machinery.logger import read_config, save_config, versions
from spinup_lit.machinery.training import Agent, check_unused, loading, watched
from spinup_lit.machinery.watchers import check_tensorboard, recorded

RESERVED = ("output_dir", "resume")  # arguments of a training function that we supply
# Of config.json, and no arguments of a training function:
OF_LAUNCH = ("algorithm", "num_cpu", "snapshots", "tensorboard", "versions")


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
    return cast(Callable[..., Agent], found[0])


def is_training(x: Any) -> bool:
    """Whether this is a function that trains agents."""
    return isfunction(x) and set(RESERVED) <= signature(x).parameters.keys()


def configuration(
    train: Callable[..., Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of a run: these, and the defaults of the others."""
    ours = ", ".join(options.keys() & set(RESERVED))
    require(not ours, f"{ours} cannot be given; data_dir and exp_name name the folder")
    arguments = signature(train).bind(**options)
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


def start(
    algorithm: str,
    *,
    exp_name: Annotated[str, arg(help="name; if empty, ALGORITHM_ENV")] = "",
    data_dir: Annotated[Path, arg(help="folder of all experiments")] = Path("data"),
    num_cpu: Annotated[int, arg(help="MPI ranks that share the work of the run")] = 1,
    snapshots: Annotated[bool, arg(help="keep the agent of every checkpoint")] = False,
    tensorboard: Annotated[bool, arg(help="write rows for TensorBoard too")] = False,
    **options: Any,
) -> None:
    """Start a run of an algorithm, such as "vpg", in a folder of its own.

    Args:
        algorithm: name of a module of this package, or path of a Python file.
        exp_name: name of the experiment; if empty, those of algorithm and environment.
        data_dir: folder that holds all experiments.
        num_cpu: MPI ranks that share the work of the run.
        snapshots: keep the agent of every checkpoint, not only of the last.
        tensorboard: write the rows of progress.txt for TensorBoard, too.
        options: arguments of the training function.

    Raises:
        UserError: the run is impossible; nothing has been written.
    """
    require(mpi.num_procs() == 1, "start one process; --num_cpu N makes N ranks of it")
    check_ranks(num_cpu)
    if tensorboard:
        check_tensorboard()
    train = training_function(algorithm)
    config = configuration(train, options)
    check_arguments(train, config, num_cpu)
    if algorithm.endswith(".py"):
        algorithm = str(Path(algorithm).resolve())  # found from any folder
    name = f"{Path(algorithm).stem}_{config['env']}"
    exp_name = exp_name or re.sub(r"[^\w.-]", "-", name)
    run_dir = new_run_dir(data_dir, exp_name, config["seed"])
    try:
        kept = {"snapshots": snapshots, "tensorboard": tensorboard}
        ours = {"algorithm": algorithm, "num_cpu": num_cpu} | kept
        save_config(run_dir, ours | config)
    except UserError:
        run_dir.rmdir()  # there is no room in it
        raise
    resume(run_dir)


def starter(algorithm: str) -> Callable[..., None]:
    """`start` for one algorithm, with a signature and docstring to make options of."""

    def start_algorithm(**options: Any) -> None:
        start(algorithm, **options)

    train = training_function(algorithm)
    of_train, of_start = (signature(f).parameters.values() for f in (train, start))
    parameters = [
        *(p.replace(kind=p.KEYWORD_ONLY) for p in of_train if p.name not in RESERVED),
        *(p for p in of_start if p.kind == p.KEYWORD_ONLY),
    ]
    vars(start_algorithm)["__signature__"] = Signature(parameters)
    start_algorithm.__annotations__ = {p.name: p.annotation for p in parameters}
    start_algorithm.__doc__ = train.__doc__
    return start_algorithm


def check_ranks(num_cpu: int) -> None:
    """Raise a `UserError` unless this machine has a core for every rank."""
    cores = mpi.cores()
    require(
        1 <= num_cpu <= cores,
        f"num_cpu is {num_cpu}; this machine can run 1 to {cores} ranks, one a core",
    )


def new_run_dir(data_dir: Path, exp_name: str, seed: int) -> Path:
    """Make the folder data_dir/exp_name/exp_name_sSEED, or ..._2, _3 if it is taken."""
    require(
        exp_name not in (".", "..") and "/" not in exp_name,
        f"exp_name is {exp_name!r}; it names one folder: no / in it, no . or ..",
    )
    for number in count(1):
        suffix = f"_{number}" if number > 1 else ""
        path = Path(data_dir) / exp_name / f"{exp_name}_s{seed}{suffix}"
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


def resume(run_dir: Path, /, *, epochs: int | None = None) -> None:
    """Continue an interrupted run from its last checkpoint, or train a finished one on.

    Args:
        run_dir: folder of the run.
        epochs: how many the whole run shall have; None: as many as before.
    """
    config = read_config(run_dir)
    if mpi.num_procs() > 1:  # we are one of the ranks
        run_here(run_dir, config)
        return
    check_unused(run_dir)
    if epochs is not None:
        config["epochs"] = epochs
    train, arguments = what_to_run(config)
    check_arguments(train, arguments, config["num_cpu"])
    if is_finished(run_dir, config):
        return
    if epochs is not None:
        save_config(run_dir, config)
    carry_out(run_dir, config)


def carry_out(run_dir: Path, config: Mapping[str, Any]) -> None:
    """Train as this folder says, and say what can be done next."""
    quoted = shlex.quote(str(run_dir))
    warn_of_versions(config)
    try:
        if config["num_cpu"] > 1:
            run_ranks(run_dir, config["num_cpu"])
        else:
            run_here(run_dir, config)
    except KeyboardInterrupt:
        hint = f"\ninterrupted; to go on:\n  {PROGRAM} resume {quoted}"
        print(hint, file=sys.stderr)
        raise
    print(BANNER.format(line="=" * 80, program=PROGRAM, run_dir=quoted))


def is_finished(run_dir: Path, config: Mapping[str, Any]) -> bool:
    """Say so if a run has trained all of its epochs.

    Raises:
        UserError: it has trained more than it shall have.
    """
    begun = (run_dir / "checkpoint.pt").exists()
    done = read_checkpoint(run_dir)["epochs"] if begun else 0
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


def run_ranks(run_dir: Path, ranks: int) -> None:
    """Carry out a run on several ranks, each of which resumes it."""
    check_ranks(ranks)
    print(f"running on {ranks} ranks", flush=True)
    status = mpi.launch(ranks, ["-m", "spinup_lit.run", "resume", str(run_dir)])
    if status:
        sys.exit(status)


def what_to_run(
    config: Mapping[str, Any],
) -> tuple[Callable[..., Agent], dict[str, Any]]:
    """The training function of a run, and its arguments.

    Raises:
        UserError: the function has not got all of them any more.
    """
    train = training_function(config["algorithm"])
    arguments = {k: v for k, v in config.items() if k not in OF_LAUNCH}
    gone = sorted(arguments.keys() - signature(train).parameters.keys())
    require(
        not gone,
        f"config.json gives {', '.join(gone)}, which {train.__name__} does not have; "
        "is the code not that of the run any more?",
    )
    return train, arguments


def run_here(run_dir: Path, config: Mapping[str, Any]) -> Agent:
    """Carry out a run in this process, which may be one rank of several."""
    train, arguments = what_to_run(config)
    begun = (run_dir / "checkpoint.pt").exists()
    if mpi.proc_id() > 0:
        return train(**arguments, output_dir=run_dir, resume=begun)
    with Display() as display, watched(display), recorded(run_dir, config):
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
    with loading():
        return train(**arguments, output_dir=run_dir, resume=True)
