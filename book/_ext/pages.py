"""The pages that Sphinx has written, in memory while they are finished."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx


@dataclass
class Pages:
    """All pages of a build in HTML, those of earlier builds among them."""

    app: Sphinx
    texts: dict[Path, str] = field(default_factory=dict)
    _written: dict[Path, str] = field(default_factory=dict)  # what is on the disk

    def __post_init__(self) -> None:
        paths = self.out.rglob("*.html")
        self._written = {path: path.read_text(encoding="utf-8") for path in paths}
        self.texts = dict(self._written)

    @property
    def out(self) -> Path:
        return Path(self.app.outdir)

    @property
    def static(self) -> Path:
        return self.out / "_static"

    @property
    def config(self) -> Any:
        return self.app.config

    def change(self, step: Callable[[str], str]) -> None:
        self.texts = {path: step(text) for path, text in self.texts.items()}

    def write(self) -> None:
        for path, text in self.texts.items():
            if text != self._written[path]:
                path.write_text(text, encoding="utf-8")
        self._written = dict(self.texts)
