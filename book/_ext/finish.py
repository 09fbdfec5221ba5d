"""Finishes the pages when all of them have been written, one step after the other.

The theme and Sphinx have no option for what is done here. The order of the steps is that
of the two lists, and nothing else changes a page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bundle
import onepage
import slim
from pages import Pages
from sphinx.application import Sphinx

# In each page that this build has written.
IN_A_PAGE: tuple[Callable[[str], str], ...] = (
    slim.drop_parts,  # what no page of this book uses
    slim.drop_idle_scripts,  # and what this page does not
    slim.defer_scripts,  # the first paint waits for none
    slim.begin_light,  # a palette before a script has chosen one
    slim.fold_parts,  # the parts of the book, in the sidebar
    slim.line_up_signatures,  # one argument a line is no list of definitions
    slim.rename,  # for screen readers
    slim.choose_palette,  # before the first paint
)
# With the whole folder of pages.
WITH_ALL: tuple[Callable[[Pages], None], ...] = (
    slim.drop_files,  # what no page of this book uses
    lambda pages: slim.each_new(pages, IN_A_PAGE),
    slim.mend_search,  # excerpts of results
    onepage.unite_chapters,  # ids and links, if the book is one page
    Pages.write,  # the next step reads them from the disk
    bundle.bundle_styles,  # one stylesheet, fonts with the letters in use
    Pages.write,
)


def finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app.builder.format == "html":
        pages = Pages(app)
        for step in WITH_ALL:
            step(pages)


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("html-page-context", slim.describe)
    app.connect("build-finished", finish, priority=900)  # after those who add files
    return {"parallel_read_safe": True, "parallel_write_safe": True}
