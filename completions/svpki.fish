complete --keep-order --exclusive --command svpki --arguments "(SVPKI_COMPLETE=fish svpki -- (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token))"
