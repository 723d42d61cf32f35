(( $+functions[_prun_profiles] )) ||
_prun_profiles() {
    _files -W "${XDG_CONFIG_HOME:-$HOME/.config}/prun"
}

(( $+functions[_prun_builtins] )) ||
_prun_builtins() {
    local -a builtins=(
@BUILTINS@
    )
    _describe -t builtins 'built-in' builtins
}

(( $+functions[_prun_names] )) ||
_prun_names() {
    _alternative 'topics:topic:(@TOPICS@)' \
        'options:option:(@LONG@)' \
        'builtins:built-in:_prun_builtins'
}

(( $+functions[_prun_command] )) ||
_prun_command() {
    _alternative 'builtins:built-in:_prun_builtins' 'commands:command:_command_names -e'
}

# The words are the command and what follows it.
(( $+functions[_prun_argument] )) ||
_prun_argument() {
    if [[ $words[1] == @* ]] || (( ${words[(I):::*]} && ${words[(I):::*]} < CURRENT )); then
        _files
    else
        _normal
    fi
}

