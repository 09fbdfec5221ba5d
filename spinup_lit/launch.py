# spinup_lit/launch.py: generated from book/machinery/running.md; edit the chapter. sha256:79c28a7c5dcde79a
"""A training run: its options, its folder, and how it is carried out."""

import re
import shlex
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import Signature, signature
from itertools import count
from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg

from spinup_lit import PROGRAM, UserError, mpi, require
from spinup_lit.logger import read_config, save_config

RESERVED = ("output_dir", "resume")  # arguments of a training function that we supply


def training_function(algorithm: str) -> Callable[..., Any]:
    """The function of an algorithm's module that bears the algorithm's name."""
    return getattr(import_module(f"spinup_lit.{algorithm}"), algorithm)


def configuration(
    train: Callable[..., Any], options: Mapping[str, Any]
) -> dict[str, Any]:
    """All arguments of a run: these, and the defaults of the others."""
    arguments = signature(train).bind(**options)
    arguments.apply_defaults()
    return {k: v for k, v in arguments.arguments.items() if k not in RESERVED}


def start(
    algorithm: str,
    *,
    exp_name: Annotated[str, arg(help="name; if empty, ALGORITHM_ENV")] = "",
    data_dir: Annotated[Path, arg(help="folder of all experiments")] = Path("data"),
    num_cpu: Annotated[int, arg(help="MPI ranks that share the work of the run")] = 1,
    **options: Any,
) -> None:
    """Start a run of an algorithm, such as "vpg", in a folder of its own.

    Args:
        algorithm: name of a module of this package.
        exp_name: name of the experiment; if empty, those of algorithm and environment.
        data_dir: folder that holds all experiments.
        num_cpu: MPI ranks that share the work of the run.
        options: arguments of the training function.

    Raises:
        UserError: the run is impossible; nothing has been written.
    """
    require(mpi.num_procs() == 1, "start one process; --num_cpu N makes N ranks of it")
    check_ranks(num_cpu)
    config = configuration(training_function(algorithm), options)
    import_module(f"spinup_lit.{algorithm}").check_config(config, num_cpu)
    exp_name = exp_name or re.sub(r"[^\w.-]", "-", f"{algorithm}_{config['env']}")
    run_dir = new_run_dir(data_dir, exp_name, config["seed"])
    save_config(run_dir, {"algorithm": algorithm, "num_cpu": num_cpu, **config})
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
    start_algorithm.__signature__ = Signature(parameters)
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
        path = data_dir / exp_name / f"{exp_name}_s{seed}{suffix}"
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


def resume(run_dir: Path, /) -> None:
    """Continue an interrupted run from its last checkpoint.

    Args:
        run_dir: folder of the run.
    """
    config = read_config(run_dir)
    alone, quoted = mpi.num_procs() == 1, shlex.quote(str(run_dir))
    try:
        if alone and config["num_cpu"] > 1:
            run_ranks(run_dir, config["num_cpu"])
        else:
            run_here(run_dir, config)
    except KeyboardInterrupt:
        if alone:
            hint = f"\ninterrupted; to go on:\n  {PROGRAM} resume {quoted}"
            print(hint, file=sys.stderr)
        raise
    if alone:
        print(BANNER.format(line="=" * 80, program=PROGRAM, run_dir=quoted))


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


def run_here(run_dir: Path, config: dict[str, Any]) -> None:
    """Carry out a run in this process, which may be one rank of several."""
    train = training_function(config["algorithm"])
    arguments = {k: v for k, v in config.items() if k in signature(train).parameters}
    begun = (run_dir / "checkpoint.pt").exists()
    train(**arguments, output_dir=run_dir, resume=begun)
