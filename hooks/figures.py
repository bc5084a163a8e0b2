"""Adapter: the press's files become files of the site."""

import logging

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

from press import preview
from press.build import Press, build
from press.errors import PressError, PressErrors
from press.pages import lint
from press.progress import report
from press.project import Project

log = logging.getLogger("mkdocs")
live = press = None  # the preview while serving; the press of the latest build


def on_startup(command, dirty):
    global live
    live = preview.Preview(Project.find()) if command == "serve" else None
    if not live and log.level == logging.INFO:
        log.setLevel(logging.WARNING)  # a build that is well says nothing but its progress bar


def on_pre_build(config):
    global press
    try:
        press = live.refresh() if live else Press(Project.find())
        if problems := lint(press.project, press.catalog):
            raise PressErrors(problems)
        if not live:
            build(press, report=report())
    except PressError as error:
        if not (live and press):
            raise PluginError(str(error)) from None
        log.error("%s", error)  # raised, MkDocs would serve nothing until it is mended


def on_files(files, config):
    for uri in press.catalog.published():
        built = press.project.out / uri
        file = File.generated(config, uri, abs_src_path=str(built))
        if not built.is_file():
            file.content_bytes = b""  # the preview serves the real one once it is there
        files.append(file)
    return files


def on_serve(server, config, builder):
    server.set_app(live.serve(server.get_app(), server.mount_path.rstrip("/")))
    for room in (press.project.src, press.project.snippets, live.bell):
        server.watch(str(room))
    return server


def on_shutdown():
    if live:
        live.close()
