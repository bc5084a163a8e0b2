"""Adapter: one pass over the finished site."""

from pathlib import Path

from mkdocs.exceptions import PluginError

from press.errors import PressError
from press.finish import finish
from press.project import Project

serving = False


def on_startup(command, dirty):
    global serving
    serving = command == "serve"


def on_post_build(config):
    try:
        finish(Project.find(), Path(config.site_dir), require_built=not serving)
    except PressError as error:
        raise PluginError(str(error)) from None
