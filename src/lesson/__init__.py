"""Teaching blocks for pages: a local Python-Markdown extension, and a linter over the Markdown source.

Everything renders as complete plain HTML; `docs/assets/lesson.js` only adds what the reader can do with it.

extension   registers all of it with Python-Markdown
shelf       what a page draws on: the folders of the site's data and of its computed numbers

quiz        `/// quiz`: a question, with something to say to every answer
answers     how answers are written, for the source and for the parsed page alike
quiz_faults what can be wrong with a quiz
proof       `/// proof`: a derivation, step by step, each with its reason
myth        `/// myth` and `/// myths`: what common explainers say, and what holds
values      `{{ name | format }}`: a number that a figure function computes
citations   `@key`, `[@key, §3]` and `/// sources`

source      the blocks as they stand in the Markdown source, each line knowing its file
lint        what is wrong with the blocks of a page, told with file and line
tree        small changes to the parsed document that the blocks share
loosen      blank lines that an author need not write

ladder      the pages, standing or planned, with what they teach and need    (plan, front: where that is written)
dress       what a finished page shows of the ladder
"""
