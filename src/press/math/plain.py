def plain(tex): return tex
