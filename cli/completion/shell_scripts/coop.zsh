#compdef coop
# Completion of the command coop for zsh. Written by: coop completion zsh

_coop() {
    local line
    local -a lines parts described open
    lines=("${(@f)$(
        COMP_LINE="${(j: :)words[1,CURRENT-1]} $PREFIX" _COOP_COMPLETE=zsh_complete ${(Q)words[1]} 2>/dev/null
    )}")
    for line in $lines; do
        parts=("${(@s:	:)line}")
        case $parts[1] in
            file) _files ;;
            dir) _files -/ ;;
            plain)
                line=${parts[2]//:/\\:}
                [[ -n $parts[3] ]] && line+=":$parts[3]"
                if [[ $parts[2] == *= ]]; then
                    open+=("$line")
                else
                    described+=("$line")
                fi
                ;;
        esac
    done
    # -U: what is offered has been chosen already; -S '': a key waits for its value.
    (( $#described )) && _describe -V coop described -U
    (( $#open )) && _describe -V coop open -U -S ''
    return 0
}

# Sourced or evaluated: registered for later. Loaded by zsh from $fpath, as the file _coop: called right now.
if [[ $funcstack[1] == _coop ]]; then
    _coop "$@"
else
    compdef _coop coop
fi
