# Completion of the command coop for fish. Written by: coop completion fish

function _coop_completion
    set -l line (commandline --current-process --cut-at-cursor | string collect)
    for found in (env COMP_LINE=$line _COOP_COMPLETE=fish_complete coop 2>/dev/null)
        set -l parts (string split \t -- $found)
        switch $parts[1]
            case file
                __fish_complete_path (commandline --current-token --cut-at-cursor)
            case dir
                __fish_complete_directories (commandline --current-token --cut-at-cursor)
            case plain
                printf '%s\t%s\n' $parts[2] "$parts[3]"
        end
    end
end

complete --command coop --no-files --keep-order --arguments "(_coop_completion)"
