# spinup_lit/experiments/commands.py: generated from book/practice/running.md; edit the chapter. sha256:f23935cc78418284
"""What a command line asks of an algorithm: a run, a grid of runs, or to go on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import Parameter, Signature, getdoc, signature
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from tyro.conf import arg

from spinup_lit.experiments.grid import ExperimentGrid
from spinup_lit.machinery import launch
from spinup_lit.machinery.errors import require
from spinup_lit.machinery.logger import read_config
from spinup_lit.machinery.words import Option, call, choices, literal, options_of

SEVERAL = "Several values for one of its arguments make a grid of runs."


def here(
    *,
    resume: Annotated[
        Path | None, arg(help="go on with this run instead", metavar="DIR")
    ] = None,
    workers: Annotated[int, arg(help="runs at a time; 0: as cores allow")] = 0,
    dry_run: Annotated[bool, arg(help="only say what would be trained")] = False,
    env_kwargs: Annotated[
        str, arg(help="arguments of the environment", metavar="JSON")
    ] = "{}",
) -> None:
    """What a command line can say that `launch.start` does not know, or otherwise."""


def of_algorithm(algorithm: str) -> dict[str, Parameter]:
    """The arguments of an algorithm by name, but for those that are ours to give."""
    train = signature(launch.training_function(algorithm), eval_str=True)
    names = train.parameters.keys() - set(launch.RESERVED)
    return {k: p for k, p in train.parameters.items() if k in names}


def of_launch() -> dict[str, Parameter]:
    """What else can be said: where, how, and how many at a time."""
    both = signature(launch.start).parameters | signature(here).parameters
    return {k: p for k, p in both.items() if p.kind == p.KEYWORD_ONLY}


def asker(algorithm: str) -> Callable[..., dict[str, Any]]:
    """A function with all options of an algorithm, which returns what it is given."""

    def ask(**given: Any) -> dict[str, Any]:
        return given

    both = of_algorithm(algorithm) | of_launch()
    parameters = [p.replace(kind=p.KEYWORD_ONLY) for p in both.values()]
    vars(ask)["__signature__"] = Signature(parameters)
    ask.__annotations__ = {p.name: p.annotation for p in parameters}
    first, _, rest = (getdoc(launch.training_function(algorithm)) or "").partition("\n")
    ask.__doc__ = f"{first} {SEVERAL}\n{rest}"
    return ask


class Asked(NamedTuple):
    """What a command line asks for."""

    values: dict[str, list[Any]]  # by argument; several make a grid
    short: dict[str, str]  # what stands for an argument in the names of experiments
    launch: dict[str, Any]  # where, how, and how many at a time
    named: set[str]  # all options that were typed


def read(algorithm: str, words: Sequence[str]) -> Asked:
    """Understand the words behind the name of an algorithm.

    Raises:
        UserError: they make no sense. (SystemExit, if it is tyro who finds out.)
    """
    known = of_algorithm(algorithm)
    options = [without_no(option, known) for option in options_of(words)]
    same, several = list[str](), dict[str, list[list[str]]]()
    values: dict[str, list[Any]] = {}
    for option in options:
        if option.name in known:
            several[option.name] = choices(option, known[option.name])
        elif option.name.startswith("env_kwargs:"):
            require(bool(option.values), f"--{option.name} needs a value")
            values[option.name] = [literal(text) for text in option.values]
        else:
            check_single(option)
            same += [f"--{option.name}"] if option.name else []
            same += option.values

    def parse(chosen: Mapping[str, list[str]]) -> dict[str, Any]:
        return call(ask, [*same, *chain.from_iterable(chosen.values())], algorithm)

    ask = asker(algorithm)
    first = {name: found[0] for name, found in several.items()}
    whole = parse(first)
    for name, (_, *others) in several.items():
        more = [parse(first | {name: chosen})[name] for chosen in others]
        values[name] = [whole[name], *more]
    return Asked(
        values,
        {option.name: option.short for option in options if option.short is not None},
        {name: whole[name] for name in of_launch()},
        {option.name for option in options},
    )


def without_no(option: Option, known: Collection[str]) -> Option:
    """The flag `--no_x` as `--x False`, if `x` is an argument and `no_x` is none."""
    name = option.name.removeprefix("no_")
    if option.name in known or name not in known or name == option.name:
        return option
    return option._replace(name=name, values=["False", *option.values])


def check_single(option: Option) -> None:
    """Raise a `UserError` if an option that has one value gets several."""
    require(
        len(option.values) < 2 or option.name not in of_launch(),
        f"--{option.name} takes one value, not {' '.join(option.values)}; several, for "
        "a grid, are for the arguments of the algorithm",
    )


def train(algorithm: str, words: Sequence[str]) -> None:
    """Do what these words say: start a run, carry out a grid, or resume a run."""
    if {"-h", "--help"} & set(words):
        call(asker(algorithm), ["--help"], algorithm)
    asked = read(algorithm, words)
    how = dict(asked.launch)
    if run_dir := how.pop("resume"):
        go_on(algorithm, run_dir, asked)
        return
    grid = ExperimentGrid(how.pop("exp_name"))
    env_kwargs = literal(how.pop("env_kwargs"))
    mapping = isinstance(env_kwargs, dict)
    require(
        mapping, f"env_kwargs is {env_kwargs!r}; it must be JSON like '{{\"a\": 1}}'"
    )
    fixed = {f"env_kwargs:{name}": [x] for name, x in env_kwargs.items()}
    for name, values in (fixed | asked.values).items():
        in_name = name in asked.short
        grid.add(name, values, asked.short.get(name), in_name)
    only, *others = grid.variants()
    if others or how["dry_run"]:
        grid.run(algorithm, **how)
    else:
        del how["workers"], how["dry_run"]
        name = grid.name_of(algorithm, only)
        launch.start(algorithm, exp_name=name, **how, **only)


def go_on(algorithm: str, run_dir: Path, asked: Asked) -> None:
    """Resume a run of an algorithm, as `resume` would."""
    require(
        asked.named <= {"resume", "epochs", "quiet"},
        "with --resume go only --epochs and --quiet: a run keeps its other arguments",
    )
    own = Path(read_config(run_dir)["algorithm"]).stem
    require(own == Path(algorithm).stem, f"the run in {run_dir} is one of {own}")
    epochs = asked.values.get("epochs", [None])
    require(len(epochs) == 1, "a run has one number of epochs")
    launch.resume(run_dir, epochs=epochs[0], quiet=asked.launch["quiet"])
