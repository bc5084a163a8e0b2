"""Every code block of every page is run, and a failure names the line to mend.

fences      find the blocks with the site's own Markdown parser, each line knowing its file
checks      decide what is done with each: run, compare, parse, or a reviewed exception; nothing is dropped
gaps        what the reader is to fill in, and all that may stand there
program     run the Python blocks that continue one another as one real `__main__` module
shell       run shell blocks in a scratch copy of the checkout
output      compare what was printed with what the page shows, and rewrite it on request
plugin      all of it as a pytest plugin, on top of pytest-codeblocks
"""
