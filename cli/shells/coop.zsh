#compdef coop
# Completion of the command coop for zsh. Written by: coop completion zsh

_coop_completion() {
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

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _coop_completion "$@"
else
    compdef _coop_completion coop
fi
