"""Highlighted code, kept from build to build. After index.

To highlight all blocks of a book takes longer than everything else that weave does, and
from one build to the next nearly all of them stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any


class Highlighted:
    """HTML by the code that it shows, in a file.

    Args:
        path: the file. If it cannot be read, everything is highlighted anew.
        make: highlights code, given what language it is in, and options.
    """

    def __init__(
        self, path: Path, make: Callable[[str, str, dict[str, Any]], str]
    ) -> None:
        self._path, self._make = path, make
        self._pygments = version("Pygments")
        try:
            self._known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self._known = {}
        self._used: dict[str, str] = {}

    def __call__(self, code: str, language: str, options: dict[str, Any]) -> str:
        identity = json.dumps([self._pygments, code, language, repr(options)])
        key = sha256(identity.encode()).hexdigest()
        if key not in self._used:
            known = self._known.get(key)
            self._used[key] = known or self._make(code, language, options)
        return self._used[key]

    def save(self, forget: bool) -> None:
        """Write the file; `forget` what this build has not used."""
        kept = self._used if forget else self._known | self._used
        if kept != self._known:
            self._path.write_text(json.dumps(kept), encoding="utf-8")
