"""The Python-Markdown extension: `- lesson.extension: {data: docs/shelf, values: .press/site}` in mkdocs.yml."""

from pathlib import Path

from markdown import Markdown
from pymdownx.blocks import BlocksExtension

from . import citations, values
from .loosen import Loosen
from .myth import Myth, Myths
from .proof import Proof
from .quiz import Quiz
from .shelf import Lesson
from .tree import register


class LessonExtension(BlocksExtension):
    """Blocks, values and citations. Names of folders count from the folder that the generator runs in."""

    def __init__(self, **options):
        self.config = {
            "data": ["docs/shelf", "the folder of bibliography.toml, myths.toml and the like"],
            "values": [".press/site", "the folder of the computed numbers"],
            "pending": ["", "what stands for a number that is not computed yet; if empty, its page fails"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        config = self.getConfigs()
        lesson = Lesson(Path(config["data"]), Path(config["values"]))
        blocks = self.register_block_mgr(md)
        for block in (Quiz, Proof, Myth, Myths):
            register(blocks, block, lesson)
        md.preprocessors.register(Loosen(md, (Quiz.NAME, Proof.NAME)), "lesson-loosen", 24)  # after code blocks
        values.register(md, config)
        citations.register(md, config)


def makeExtension(**options) -> LessonExtension:
    return LessonExtension(**options)
