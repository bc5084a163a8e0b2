"""Adapter: the press's files become files of the site."""

import logging

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, InclusionLevel

from press import preview
from press.build import Press, build
from press.errors import PressError, PressErrors
from press.pages import lint
from press.progress import report
from press.project import Project
from press.sources import source_pages

log = logging.getLogger("mkdocs")
live: preview.Preview | None = None
press: Press | None = None


def on_startup(command, dirty):
    global live
    live = preview.Preview(Project.find()) if command == "serve" else None
    if command == "build" and log.level == logging.INFO:
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
        log.error("%s", error)  # MkDocs would serve nothing until it is mended; the rest of the site can still be read


def on_files(files, config):
    for uri in (uri for uri in press.catalog.by_output() if not uri.endswith(".md")):  # text is included, not published
        built = press.project.out / uri
        files.append(
            File.generated(config, uri, **({"abs_src_path": str(built)} if built.is_file() else {"content": b""}))
        )
    for uri, text in source_pages(press.project, press.catalog).items():
        files.append(File.generated(config, uri, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
    return files


def on_serve(server, config, builder):
    for room in (press.project.src, press.project.snippets):
        server.watch(str(room))
    server.set_app(live.serve(server.get_app(), server.mount_path.rstrip("/")))
    return server


def on_shutdown():
    if live:
        live.close()
