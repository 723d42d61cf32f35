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
    -a | --arg-file) : ;;
    --trim) _prun_choose 'n l r lr rl' ;;
    --shell) COMPREPLY=($(compgen -c -- "$cur")) ;;
    --limit) COMPREPLY=($(compgen -c -- "$cur")) ;;
    --wd) compopt -o dirnames ;;
    --plan) : ;;
    --jobserver) _prun_choose 'pipe fifo' ;;
    --queue) : ;;
    --color) _prun_choose 'auto always never' ;;
    --ctag) _prun_choose 'auto always never' ;;
    --color-failed) _prun_choose 'auto always never' ;;
    --results) : ;;
    --tmpdir) compopt -o dirnames ;;
    --summary) _prun_choose 'text json' ;;
    --events) : ;;
    --halt) _prun_choose 'never now,fail=1 now,fail=10% soon,fail=1 soon,fail=10% now,success=1 soon,success=1 now,done=1 soon,done=1' ;;
    --leak) _prun_choose 'warn wait fail' ;;
    --joblog) : ;;
    --config) : ;;
    -J | --profile) _prun_profiles ;;
    --generate) _prun_choose 'man bash zsh fish elvish powershell' ;;
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
            [[ $word == @(--arg-file|--delimiter|--colsep|--header|--trim|--eof|--max-args|--max-replace-args|--max-lines|--max-chars|--max-record|--total-jobs|--block|--recend|--recstart|--shard|--bin|--group-by|--block-timeout|--tmpl|--rpl|--parens|--shell|--jobs|--status-on|--timeout|--timeout-total|--delay|--rate|--load|--memfree|--memsuspend|--pressure|--limit|--termseq|--wd|--process-slot-var|--nice|--job-mem|--job-cpus|--job-pids|--id|--semaphoretimeout|--key|--per-key|--key-rate|--slot-env|--plan|--worker-send|--worker-end|--worker-jobs|--queue|--priority|--queue-max|--tagstring|--results|--tmpdir|--events|--halt|--retries|--retry-on|--retry-delay|--ok-codes|--leak|--joblog|--joblog-sync|--config|--profile|--arg-sep|--arg-file-sep|--generate) ]] && option=$word
            ;;
        options,-?*)
            letters=${word:1}
            while [[ $letters ]]; do
                if [[ ${letters:0:1} == [adCEnNLlsIjPJ] ]]; then
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
            _prun_choose 'examples expressions exit-status signals environment --arg-file --null --delimiter --link --colsep --csv --tsv --jsonl --header --trim --no-run-if-empty --eof --shuf --max-args --max-replace-args --max-lines --context-replace --xargs --max-chars --max-record --total-jobs --fail-if-empty --pipe --pipepart --block --recend --recstart --regexp --remove-rec-sep --round-robin --tee --shard --bin --group-by --cat --fifo --block-timeout --tmpl --plus --rpl --parens --quote --shell --strict --plain-values --gnu --jobs --status-on --timeout --timeout-total --delay --rate --load --memfree --memsuspend --noswap --pressure --limit --termseq --wd --process-slot-var --nice --shellquote --dry-run --cgroup --job-mem --job-cpus --job-pids --semaphore --id --fg --bg --wait --semaphoretimeout --key --per-key --key-rate --slot-env --plan --jobserver --worker --worker-send --worker-end --worker-jobs --queue --put --priority --queue-max --follow --queue-status --json --keep-order --group --line-buffer --lb --ungroup --tty --latest-line --ll --tag --tagstring --color --ctag --color-failed --results --files --files0 --tmpdir --total --verbose --progress --bar --eta --summary --events --quiet --halt --fail-fast --retries --retry-on --retry-delay --ok-codes --leak --joblog --joblog-sync --resume --resume-failed --retry-failed --config --profile --plain --arg-sep --arg-file-sep --help --version --builtins --generate @sha256 @sha512 @sha1 @md5 @blake3 @crc32 @gzip @gunzip @zstd @unzstd @xz @unxz @bzip2 @bunzip2 @lz4 @unlz4 @count @cat @head @tail @grep @replace @cut @uniq @json @csv @upper @lower @base64 @unbase64 @hex @unhex @freq @sum @stats @sort'
        elif [[ $cur == -* ]]; then
            _prun_choose '-a --arg-file -0 --null -d --delimiter --link -C --colsep --csv --tsv --jsonl --header --trim -r --no-run-if-empty -E --eof --shuf -n --max-args -N --max-replace-args -L -l --max-lines -X --context-replace -m --xargs -s --max-chars --max-record --total-jobs --fail-if-empty --pipe --pipepart --block --recend --recstart --regexp --remove-rec-sep --round-robin --tee --shard --bin --group-by --cat --fifo --block-timeout --tmpl -I --plus --rpl --parens -q --quote --shell --strict --plain-values --gnu -j -P --jobs --status-on --timeout --timeout-total --delay --rate --load --memfree --memsuspend --noswap --pressure --limit --termseq --wd --process-slot-var --nice --shellquote --dry-run --cgroup --job-mem --job-cpus --job-pids --semaphore --id --fg --bg --wait --semaphoretimeout --key --per-key --key-rate --slot-env --plan --jobserver --worker --worker-send --worker-end --worker-jobs --queue --put --priority --queue-max --follow --queue-status --json -k --keep-order --group --line-buffer --lb -u --ungroup --tty --latest-line --ll --tag --tagstring --color --ctag --color-failed --results --files --files0 --tmpdir --total -v -t --verbose --progress --bar --eta --summary --events --quiet --halt --fail-fast --retries --retry-on --retry-delay --ok-codes --leak --joblog --joblog-sync --resume --resume-failed --retry-failed --config -J --profile --plain --arg-sep --arg-file-sep -h --help -V --version --builtins --generate'
        elif [[ $cur == @* ]]; then
            _prun_choose '@sha256 @sha512 @sha1 @md5 @blake3 @crc32 @gzip @gunzip @zstd @unzstd @xz @unxz @bzip2 @bunzip2 @lz4 @unlz4 @count @cat @head @tail @grep @replace @cut @uniq @json @csv @upper @lower @base64 @unbase64 @hex @unhex @freq @sum @stats @sort'
        else
            COMPREPLY=($(compgen -c -- "$cur"))
            [[ $cur ]] || COMPREPLY+=(@sha256 @sha512 @sha1 @md5 @blake3 @crc32 @gzip @gunzip @zstd @unzstd @xz @unxz @bzip2 @bunzip2 @lz4 @unlz4 @count @cat @head @tail @grep @replace @cut @uniq @json @csv @upper @lower @base64 @unbase64 @hex @unhex @freq @sum @stats @sort)
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
