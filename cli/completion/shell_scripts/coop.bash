# Completion of the command coop for bash. Written by: coop completion bash

_coop_completion() {
    local response kind value help longest=0 room n
    local -a values=() helps=()
    COMPREPLY=()
    response=$(
        COMP_LINE="${COMP_LINE:0:COMP_POINT}" COMP_WORDBREAKS="$COMP_WORDBREAKS" _COOP_COMPLETE=bash_complete \
            "$1" 2>/dev/null
    ) || return 0
    while IFS=$'\t' read -r kind value help; do
        case $kind in
            file) compopt -o default 2>/dev/null ;;
            dir) compopt -o dirnames 2>/dev/null ;;
            plain)
                values+=("$value")
                helps+=("$help")
                ((${#value} > longest)) && longest=${#value}
                ;;
        esac
    done <<<"$response"

    # A help stands beside its value in the list; what is typed in the end is the value alone. 37 and 42: the keys
    # that insert each value in turn, or all of them.
    room=$((${COLUMNS:-80} - longest - 6))
    if ((${#values[@]} < 2 || COMP_TYPE == 37 || COMP_TYPE == 42 || room < 16)); then
        COMPREPLY=("${values[@]}")
    else
        for n in "${!values[@]}"; do
            if [[ -n ${helps[n]} ]]; then
                printf -v value "%-${longest}s  (%s)" "${values[n]}" "${helps[n]:0:room}"
            else
                value=${values[n]}
            fi
            COMPREPLY+=("$value")
        done
    fi
    if [[ ${#values[@]} -eq 1 && ${values[0]} == *= ]]; then
        compopt -o nospace 2>/dev/null
    fi
    return 0
}

complete -o nosort -F _coop_completion coop 2>/dev/null || complete -F _coop_completion coop
