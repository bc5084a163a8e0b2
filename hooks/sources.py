"""Adapter: the sources that compute the site become pages of it."""

from mkdocs.structure.files import File, InclusionLevel

from press.errors import PressError
from press.project import Project
from press.sources import source_pages

pages = {}


def on_files(files, config):
    global pages
    try:
        pages = source_pages(Project.find())
    except PressError:  # hooks/figures.py has told of it; a preview goes on with what it had
        pass
    for uri, text in pages.items():
        files.append(File.generated(config, uri, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
    return files
