"""Which words of a page lead to the glossary."""

from __future__ import annotations

import pytest

pytest.importorskip("sphinx")

from terms import pattern

TERMS = ("policy", "policy gradient", "reward", "action value", "batch")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A policy gradient", "policy gradient"),  # the longer of two
        ("all Policies", "Policies"),
        ("two batches", "batches"),
        ("the action\nvalue", "action\nvalue"),
        ("rewarded", None),  # a word, not its beginning
        ("off-policy", None),
    ],
)
def test_a_term_is_found_as_it_is_written(text: str, found: str | None) -> None:
    match = pattern(TERMS).search(text)
    assert (match and match[0]) == found
    if match:
        term = TERMS[int(str(match.lastgroup)[1:])]
        assert term[:4] == " ".join(match[0].lower().split())[:4]
