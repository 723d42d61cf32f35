
use builtin;
use str;

set edit:completion:arg-completer[prun] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'prun'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'prun'= {
            cand -a 'Read values from FILE, one per line'
            cand --arg-file 'Read values from FILE, one per line'
            cand -d 'Values end with S instead of a newline'
            cand --delimiter 'Values end with S instead of a newline'
            cand -C 'Cut values into columns at RE, a regular expression'
            cand --colsep 'Cut values into columns at RE, a regular expression'
            cand --header 'The first value of each source names its columns'
            cand --trim 'Cut off blanks of values: n, l, r, lr'
            cand -E 'The value S ends its source'
            cand --eof 'The value S ends its source'
            cand -n 'Give each job up to N values'
            cand --max-args 'Give each job up to N values'
            cand -N 'The same as -n; <1>, <2> are the values'
            cand --max-replace-args 'The same as -n; <1>, <2> are the values'
            cand -L 'Give each job up to N lines'
            cand -l 'Give each job up to N lines'
            cand --max-lines 'Give each job up to N lines'
            cand -s 'A command line has at most N bytes; as -X'
            cand --max-chars 'A command line has at most N bytes; as -X'
            cand -I 'S is the placeholder, instead of <> and {}'
            cand --shell 'Run the command with the shell SH'
            cand -j 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit'
            cand -P 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit'
            cand --jobs 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit'
            cand --timeout 'Stop a job after TIME: 10, 1.5s, 2m, 1h30m, 1d'
            cand --delay 'Wait TIME between two starts'
            cand --termseq 'Signals that end a job: TERM,2000,KILL'
            cand --wd 'Run each job in the directory DIR, made if it is missing'
            cand --nice 'Run jobs at this niceness: 19 is the lowest priority'
            cand --tagstring 'Begin each line of output with S'
            cand --halt 'When to stop early: now,fail=1 or soon,fail=10%'
            cand --retries 'Try a failing job up to N times, 0 without end'
            cand --leak 'If a job''s output stays open: warn, wait or fail'
            cand --joblog 'Write one line per job to FILE'
            cand --config 'Read options from FILE as well'
            cand -J 'Read options from ~/.config/prun/NAME as well'
            cand --profile 'Read options from ~/.config/prun/NAME as well'
            cand --arg-sep 'WORD begins values, instead of :::'
            cand --arg-file-sep 'WORD begins files of values, instead of ::::'
            cand -0 'Values end with a NUL byte, as from find -print0'
            cand --null 'Values end with a NUL byte, as from find -print0'
            cand --link 'Take sources side by side instead of combining them'
            cand -r 'Leave out values that are empty or blank'
            cand --no-run-if-empty 'Leave out values that are empty or blank'
            cand --shuf 'Take the values in random order'
            cand -X 'Give each job as many values as fit in a command line'
            cand --context-replace 'Give each job as many values as fit in a command line'
            cand -m 'The same as -X, but only the placeholder is repeated'
            cand --xargs 'The same as -m, but the last values are not spread'
            cand --fail-if-empty 'It is an error if there is no input'
            cand -q 'Every word of the command is an argument as it stands'
            cand --quote 'Every word of the command is an argument as it stands'
            cand --strict 'Refuse commands that parse a value a second time'
            cand --gnu 'Compose commands as GNU parallel does'
            cand --dry-run 'Print the commands instead of running them'
            cand -k 'Print output in the order of the input'
            cand --keep-order 'Print output in the order of the input'
            cand --group 'Print a job''s output when it ends (the default)'
            cand --line-buffer 'Print whole lines as soon as jobs write them'
            cand --lb 'Print whole lines as soon as jobs write them'
            cand -u 'Let jobs write directly, mixed as it comes'
            cand --ungroup 'Let jobs write directly, mixed as it comes'
            cand --tag 'Begin each line of output with the job''s values'
            cand -v 'Print each command before its output'
            cand -t 'Print each command on standard error as it starts'
            cand --verbose 'Print each command on standard error as it starts'
            cand --progress 'Show how far the run is, on standard error'
            cand --bar 'Show how far the run is, on standard error'
            cand --eta 'Show how far the run is, on standard error'
            cand --quiet 'Do not list the failed jobs at the end'
            cand --plain 'Ignore $PRUN and files of options'
            cand -h 'Print help; --help explains more than -h'
            cand --help 'Print help; --help explains more than -h'
            cand -V 'Print the version'
            cand --version 'Print the version'
            cand --builtins 'List the built-ins: commands that begin with @'
        }
    ]
    $completions[$command]
}
