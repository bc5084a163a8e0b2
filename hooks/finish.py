"""Adapter: one pass over the finished site."""

import logging
from pathlib import Path

from mkdocs.exceptions import PluginError

from press.errors import PressError
from press.finish import finish
from press.project import Project

log = logging.getLogger("mkdocs")
serving = False


def on_startup(command, dirty):
    global serving
    serving = command == "serve"


def on_config(config):
    if serving:  # hooks/figures.py tells of a missing snippet, with its line; here it would stop the preview
        config.mdx_configs["pymdownx.snippets"]["check_paths"] = False
        config.mdx_configs.setdefault("lesson.extension", {})["pending"] = "…"  # a number still to be computed


def on_post_build(config):
    try:
        finish(Project.find(), Path(config.site_dir), require_built=not serving)
    except PressError as error:
        if not serving:
            raise PluginError(str(error)) from None
        log.error("%s", error)
