"""Puts variants into a file, one or several at once. After expand."""

from __future__ import annotations

from difflib import SequenceMatcher, get_close_matches
from itertools import chain, pairwise
from typing import NamedTuple

from tangle.check import check_file
from tangle.chunks import Unresolved, did_you_mean
from tangle.expand import Program, TooLong, unfold
from tangle.model import Chunk, Line, Place, Problem
from tangle.resolve import Link, reached
from tangle.variants import Misfit


class _Edit(NamedTuple):
    """What a variant has in place of the elements `first` to before `stop`."""

    first: int
    stop: int
    new: list[Line | Link]
    variant: Chunk


def with_variants(program: Program, path: str, *names: str) -> str:
    """The text of a file, without its header, with variants `chapter:name` put in.

    Raises:
        Misfit: they cannot be, alone or together.
    """
    lines = lines_with_variants(program, path, *names)
    return "".join(f"{line.output}\n" for line in lines)


def lines_with_variants(program: Program, path: str, *names: str) -> list[Line]:
    """The same as lines that know where they were written.

    Raises:
        Misfit: the variants cannot be put in, alone or together.
    """
    start = Place(path, 1)
    if (root := program.chunks.roots.get(path)) is None:
        near = did_you_mean(get_close_matches(path, program.chunks.roots))
        raise Misfit(Problem(start, f"no chapter makes this file{near}"))
    variants = [_find(program, start, name) for name in dict.fromkeys(names)]
    edited = {variant: program.edited_by(variant) for variant in variants}
    elements = dict(program.elements)
    for base in chain(*edited.values()):
        together = {v: bases for v, bases in edited.items() if base in bases}
        elements |= {block: [] for block in base.blocks}
        elements[base.head] = _merge(program, together)
    found = reached([root], elements)
    for v, bases in edited.items():
        if found.isdisjoint(bases):
            raise Misfit(Problem(start, f"holds nothing that {v.full_name} edits"))
    for problem in (p for chunk, p in program.misfits.items() if chunk in found):
        raise Misfit(problem)
    try:
        lines, _ = unfold(root, elements) or ([], [])
    except TooLong as error:
        raise Misfit(Problem(start, f"with {', '.join(names)} {error}")) from error
    for problem in check_file(program.chunks, path, root, lines):
        raise Misfit(problem)
    return lines


def _find(program: Program, start: Place, name: str) -> Chunk:
    """The variant of a name. If it fits nowhere, or there is none, that is a misfit."""
    known = {variant.full_name: base for variant, base in program.bases.items()}
    if name not in known:
        last = f":{name.rpartition(':')[2]}"
        alike = [n for n in known if n.endswith(last)]
        edits = [n for n, base in known.items() if base and base.full_name == name]
        near = did_you_mean((alike or edits or get_close_matches(name, known))[:3])
        raise Misfit(Problem(start, f"no variant is called {name}{near}"))
    try:
        variant = program.chunks.find("", name)
    except Unresolved as error:
        raise Misfit(Problem(start, str(error))) from error
    if variant in program.misfits:
        raise Misfit(program.misfits[variant])
    return variant


def _merge(program: Program, edited: dict[Chunk, list[Chunk]]) -> list[Line | Link]:
    """What all of some variants make of the chunk nearest to them that they all edit.

    A variant that another one edits is left out: it is in that one already.
    """
    variants = [v for v in edited if not any(v in bases for bases in edited.values())]
    shared = (b for b in edited[variants[0]] if all(b in edited[v] for v in variants))
    base = next(shared)
    merged = program.elements_of(base)
    edits = []
    for variant in variants:
        new = program.elements_of(variant)
        codes = SequenceMatcher(None, merged, new, autojunk=False).get_opcodes()
        changes = (rows for kind, *rows in codes if kind != "equal")
        edits += [_Edit(a, b, new[c:d], variant) for a, b, c, d in changes]
    edits.sort(key=lambda edit: edit[:2])
    for one, two in pairwise(edits):
        if two.first < one.stop or two[:2] == one[:2]:
            names = sorted(edit.variant.full_name for edit in (one, two))
            message = f"{names[0]} and {names[1]} edit the same lines of "
            raise Misfit(Problem(two.variant.head.place, message + base.full_name))
    for edit in reversed(edits):
        merged[edit.first : edit.stop] = edit.new
    return merged
