"""Tests fail at lines of the chapters, and may load a module with a variant in it."""

pytest_plugins = ["tangle.pytest_plugin"]
