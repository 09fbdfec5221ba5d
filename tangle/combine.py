"""Puts variants into a file, one or several at once. After expand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import NamedTuple

from tangle.chunks import Unresolved, did_you_mean
from tangle.expand import Link, Program, TooLong, edited_by, reached, unfold
from tangle.model import Block, Chunk, Line, Place
from tangle.python import check_python, is_python
from tangle.variants import Misfit


class _Edit(NamedTuple):
    """What a variant has in place of the elements `first` to before `stop`."""

    first: int
    stop: int
    new: tuple[Line | Link, ...]
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
    root = program.chunks.roots.get(path)
    if root is None:
        near = did_you_mean(get_close_matches(path, program.chunks.roots))
        raise Misfit(start, f"no chapter makes this file{near}")
    variants = {_find(program, start, name): name for name in names}
    elements = dict(program.elements)
    replaced: dict[Chunk, Chunk] = {}
    for base, together in _by_base(program, list(variants)).items():
        block = Block(place=base.head.place, language="", lines=())
        replaced[base] = Chunk([block])
        elements[block] = _merge(program, together)
    found = reached([root], elements, replaced)
    for variant, name in variants.items():
        if found.isdisjoint(edited_by(variant, program.bases)):
            raise Misfit(start, f"holds nothing that {name} edits")
    for chunk, problem in program.misfits.items():
        if chunk in found - replaced.keys():
            raise Misfit(*problem)
    try:
        lines, _ = unfold(root, elements, replaced=replaced) or ([], [])
    except TooLong as error:
        raise Misfit(start, f"with {', '.join(names)} {error}") from error
    if is_python(path, root.head.language):
        for problem in check_python(path, lines):
            raise Misfit(*problem)
    return lines


def _find(program: Program, start: Place, name: str) -> Chunk:
    """The variant of a name. If it fits nowhere, or there is none, that is a misfit."""
    known = {variant.full_name: base for variant, base in program.bases.items()}
    if name not in known:
        last = name.rpartition(":")[2]
        alike = [each for each in known if each.rpartition(":")[2] == last]
        edits = [n for n, base in known.items() if base and base.full_name == name]
        near = did_you_mean((alike or edits or get_close_matches(name, known))[:3])
        raise Misfit(start, f"no variant is called {name}{near}")
    try:
        variant = program.chunks.find("", name)
    except Unresolved as error:
        raise Misfit(start, str(error)) from error
    if variant in program.misfits:
        raise Misfit(*program.misfits[variant])
    return variant


def _by_base(program: Program, variants: list[Chunk]) -> dict[Chunk, list[Chunk]]:
    """The chunks that variants edit, each with the variants to be put in its place."""
    by_base: dict[Chunk, list[Chunk]] = {}
    for variant in variants:
        for base in edited_by(variant, program.bases):
            by_base.setdefault(base, []).append(variant)
    # A variant that another one of them edits is in that one already.
    return {
        base: [variant for variant in together if variant not in by_base]
        for base, together in by_base.items()
    }


def _merge(program: Program, variants: list[Chunk]) -> list[Line | Link]:
    """The elements of the chunk that variants edit, with the edits of them all."""
    first, *others = (edited_by(variant, program.bases) for variant in variants)
    base = next(b for b in first if all(b in edited for edited in others))
    old = _elements(program, base)
    edits = sorted(
        (edit for variant in variants for edit in _edits(program, old, variant)),
        key=lambda edit: edit[:2],
    )
    for one, next_one in pairwise(edits):
        if next_one.first < one.stop or next_one[:2] == one[:2]:
            names = sorted(edit.variant.full_name for edit in (one, next_one))
            message = f"{names[0]} and {names[1]} edit the same lines of "
            raise Misfit(next_one.variant.head.place, message + base.full_name)
    merged: list[Line | Link] = []
    done = 0
    for edit in edits:
        merged += [*old[done : edit.first], *edit.new]
        done = edit.stop
    return [*merged, *old[done:]]


def _edits(
    program: Program, old: Sequence[Line | Link], variant: Chunk
) -> Iterator[_Edit]:
    """What a variant changes. The elements that it keeps are those of the old."""
    places = {element: at for at, element in enumerate(old)}
    done = 0
    new: list[Line | Link] = []
    for element in _elements(program, variant):
        at = places.get(element)
        if at is None:
            new.append(element)
            continue
        if new or at > done:
            yield _Edit(done, at, tuple(new), variant)
        done, new = at + 1, []
    if new or done < len(old):
        yield _Edit(done, len(old), tuple(new), variant)


def _elements(program: Program, chunk: Chunk) -> list[Line | Link]:
    return [e for block in chunk.blocks for e in program.elements[block]]
