"""Adapter: the sources that compute the site become pages of it."""

from mkdocs.structure.files import File, InclusionLevel

from press.project import Project
from press.sources import source_pages


def on_files(files, config):
    for uri, text in source_pages(Project.find()).items():
        files.append(File.generated(config, uri, content=text, inclusion=InclusionLevel.NOT_IN_NAV))
    return files
