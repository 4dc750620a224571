
set edit:completion:arg-completer[svpki] = { |@words|
    var index = (count $words)
    set index = (- $index 1)

    put (env _CLAP_IFS="\n" _CLAP_COMPLETE_INDEX=(to-string $index) SVPKI_COMPLETE="elvish" svpki -- $@words) | to-lines
}

