# Completions of prun for bash.

_prun_choose() {
    COMPREPLY=($(compgen -W "$1" -- "$cur"))
    compopt +o default +o bashdefault
}

_prun_profiles() {
    local file dir=${XDG_CONFIG_HOME:-~/.config}/prun
    for file in "$dir"/*; do
        file=${file##*/}
        [[ $file == "$cur"* && -e $dir/$file ]] && COMPREPLY+=("$file")
    done
}

# Where nothing is found here, bash completes names of files.
_prun_value() {
    case $1 in
@VALUES@
    *) compopt +o default +o bashdefault ;;
    esac
}

_prun() {
    local cur option word letters breaks head i at
    local state=options rest=${COMP_LINE:0:COMP_POINT} n=0 first=0
    local -a words starts
    COMPREPLY=()
    # Words as the shell sees them: bash cuts them at `=`, `:` and `@` here.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        head=${rest%%[![:space:]]*}
        rest=${rest#"$head"}
        [[ $rest == "$word"* ]] || word=$rest
        rest=${rest#"$word"}
        if [[ -z $head && $n -gt 0 ]]; then
            words[n-1]+=$word
        else
            words[n]=$word starts[n]=$i
            ((n++))
        fi
    done
    cur=${words[n-1]}

    for ((at = 1; at < n - 1; at++)); do
        word=${words[at]}
        option=
        case $state,$word in
        *,:::|*,::::|*,:::+|*,::::+) state=values ;;
        options,--) state=command first=$((at + 1)) ;;
        options,--*=*) ;;
        options,--*)
            [[ $word == @(@LONG@) ]] && option=$word
            ;;
        options,-?*)
            letters=${word:1}
            while [[ $letters ]]; do
                if [[ ${letters:0:1} == [@SHORT@] ]]; then
                    [[ ${#letters} == 1 ]] && option=-$letters
                    break
                fi
                letters=${letters:1}
            done
            ;;
        options,*) state=command first=$at ;;
        esac
        if [[ $option ]]; then
            ((at + 1 == n - 1)) && state=value
            ((at++))
        fi
    done

    case $state,$cur in
    value,*) _prun_value "$option" ;;
    options,--*=*)
        option=${cur%%=*}
        head=$option=
        cur=${cur#*=}
        _prun_value "$option"
        COMPREPLY=("${COMPREPLY[@]/#/$head}")
        cur=$head$cur
        ;;
    options,*)
        if [[ ${words[n-2]} == @(-h|--help) ]]; then
            _prun_choose '@NAMES@'
        elif [[ $cur == -* ]]; then
            _prun_choose '@OPTIONS@'
        elif [[ $cur == @* ]]; then
            _prun_choose '@BUILTINS@'
        else
            COMPREPLY=($(compgen -c -- "$cur"))
            [[ $cur ]] || COMPREPLY+=(@BUILTINS@)
        fi
        ;;
    command,*)
        if ((first == n - 1)); then
            COMPREPLY=($(compgen -c -- "$cur"))
        elif [[ ${words[first]} != @* ]] && declare -F _command_offset >/dev/null; then
            _command_offset "${starts[first]}"
            return
        fi
        ;;
    esac

    # Only what follows the last of these is replaced; an `@` itself is, too.
    for word in = : @; do
        [[ $COMP_WORDBREAKS == *"$word"* ]] && breaks+=$word
    done
    [[ $breaks && $cur == *["$breaks"]* ]] || return 0
    head=${cur%"${cur##*["$breaks"]}"}
    head=${head%@}
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
}

complete -o bashdefault -o default -F _prun prun
