"""A page as its author wrote it, read as the renderer will read it, each line still knowing where it was written.

Knows Markdown, and neither the press nor the subject. The press, the tests of the code blocks and the lesson blocks all
read pages through it, so that every fault is told with the file and line to mend.
"""
