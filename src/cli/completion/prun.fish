# The command and what follows it, up to the word that is completed.
function __prun_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --
                set -e words[1]
                break
            case @TAKING@
                set -e words[1]
                set -q words[1]; or break
                set -e words[1]
            case '-*'
                # The value of the last letter, if it takes one.
                string match -qr -- '^-[^-@SHORT@]*[@SHORT@]$' $words[1]; and set -e words[1]
                set -q words[1]; and set -e words[1]
            case '*'
                break
        end
    end
    string join \n -- $words
end

function __prun_options
    test -z (__prun_command | string collect)
end

function __prun_arguments
    set -l words (__prun_command) (commandline -ct)
    if string match -q '@*' -- $words[1]; or contains -- ::: $words; or contains -- :::: $words
        __fish_complete_path (commandline -ct)
    else
        complete -C (string escape -- $words | string join ' ')
    end
end

function __prun_profiles
    set -l dir ~/.config
    set -q XDG_CONFIG_HOME; and set dir $XDG_CONFIG_HOME
    for file in $dir/prun/*
        basename $file
    end
end

function __prun_after_help
    set -l words (commandline -opc)
    contains -- $words[-1] -h --help
end

complete -c prun -n 'not __prun_options' -f -a '(__prun_arguments)'
complete -c prun -n '__prun_options; and not __prun_after_help' -f -a '(__fish_complete_command)'
complete -c prun -n __prun_after_help -f -a '@NAMES@'
complete -c prun -n '__prun_options; and not __prun_after_help' -f -a "@BUILTINS@"
