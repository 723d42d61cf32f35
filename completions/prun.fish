complete -c prun -s a -l arg-file -d 'Read values from FILE, one per line' -r -F
complete -c prun -s d -l delimiter -d 'Values end with S instead of a newline' -r
complete -c prun -s C -l colsep -d 'Cut values into columns at RE, a regular expression' -r
complete -c prun -l header -d 'The first value of each source names its columns' -r -f -a ":\t''
0\t''"
complete -c prun -l trim -d 'Cut off blanks of values: n, l, r, lr' -r -f -a "n\t'Nothing'
l\t'On the left'
r\t'On the right'
lr\t'On both sides'
rl\t'The same'"
complete -c prun -s E -l eof -d 'The value S ends its source' -r
complete -c prun -s n -l max-args -d 'Give each job up to N values' -r
complete -c prun -s N -l max-replace-args -d 'The same as -n; <1>, <2> are the values' -r
complete -c prun -s L -s l -l max-lines -d 'Give each job up to N lines' -r
complete -c prun -s s -l max-chars -d 'A command line has at most N bytes; as -X' -r
complete -c prun -l max-record -d 'Hold at most SIZE of one line or record (64M)' -r
complete -c prun -l total-jobs -d 'There are N jobs' -r
complete -c prun -l tmpl -d 'Fill the placeholders in FILE and write NAME for each job' -r
complete -c prun -s I -d 'S is the placeholder, instead of <> and {}' -r
complete -c prun -l rpl -d 'A placeholder of your own: \'<up> $_ = uc($_)\'' -r
complete -c prun -l parens -d 'PARENS enclose expressions, instead of {= and =}' -r
complete -c prun -l shell -d 'Run the command with the shell SH' -r -f -a "(__fish_complete_command)"
complete -c prun -s j -s P -l jobs -d 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit' -r
complete -c prun -l timeout -d 'Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d' -r
complete -c prun -l delay -d 'Wait TIME between two starts' -r
complete -c prun -l load -d 'Start a job only while the load is below L' -r
complete -c prun -l memfree -d 'Start a job only while SIZE memory is available' -r
complete -c prun -l limit -d 'Start a job only if COMMAND agrees' -r -f -a "(__fish_complete_command)"
complete -c prun -l termseq -d 'Signals that end a job: TERM,2000,KILL' -r
complete -c prun -l wd -d 'Run each job in the directory DIR, made if it is missing' -r -f -a "(__fish_complete_directories)"
complete -c prun -l process-slot-var -d 'Give jobs the variable NAME: their slot, from 0' -r
complete -c prun -l nice -d 'Run jobs at this niceness: 19 is the lowest priority' -r
complete -c prun -l tagstring -d 'Begin each line of output with S' -r
complete -c prun -l color -d 'Print each job\'s output in a colour of its own' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -l ctag -d 'As --tag, with each tag in the colour of its job' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -l color-failed -d 'Print the output of failed jobs in white on red' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -l results -d 'Keep each job\'s output in files below DIR' -r -F
complete -c prun -l tmpdir -d 'Put temporary files into DIR instead of $TMPDIR' -r -f -a "(__fish_complete_directories)"
complete -c prun -l halt -d 'When to stop early: now,fail=1 or soon,fail=10%' -r
complete -c prun -l retries -d 'Try a failing job up to N times, 0 without end' -r
complete -c prun -l leak -d 'If a job\'s output stays open: warn, wait or fail' -r -f -a "warn\t''
wait\t''
fail\t''"
complete -c prun -l joblog -d 'Write one line per job to FILE' -r -F
complete -c prun -l config -d 'Read options from FILE as well' -r -F
complete -c prun -s J -l profile -d 'Read options from ~/.config/prun/NAME as well' -r -F
complete -c prun -l arg-sep -d 'WORD begins values, instead of :::' -r
complete -c prun -l arg-file-sep -d 'WORD begins files of values, instead of ::::' -r
complete -c prun -s 0 -l null -d 'Values end with a NUL byte, as from find -print0'
complete -c prun -l link -d 'Take sources side by side instead of combining them'
complete -c prun -l csv -d 'Values are records of CSV: commas, quotes'
complete -c prun -l tsv -d 'The same as --csv, with tabs between columns'
complete -c prun -l jsonl -d 'Each line is a JSON object; <name> is one of its fields'
complete -c prun -s r -l no-run-if-empty -d 'Leave out values that are empty or blank'
complete -c prun -l shuf -d 'Take the values in random order'
complete -c prun -s X -l context-replace -d 'Give each job as many values as fit in a command line'
complete -c prun -s m -d 'The same as -X, but only the placeholder is repeated'
complete -c prun -l xargs -d 'The same as -m, but the last values are not spread'
complete -c prun -l fail-if-empty -d 'It is an error if there is no input'
complete -c prun -l plus -d 'More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...'
complete -c prun -s q -l quote -d 'Every word of the command is an argument as it stands'
complete -c prun -l strict -d 'Refuse commands that parse a value a second time'
complete -c prun -l plain-values -d 'Fail jobs whose values are not plain words'
complete -c prun -l gnu -d 'Compose commands as GNU parallel does'
complete -c prun -l shellquote -d 'Print each command quoted, as one word for a shell'
complete -c prun -l dry-run -d 'Print the commands instead of running them'
complete -c prun -s k -l keep-order -d 'Print output in the order of the input'
complete -c prun -l group -d 'Print a job\'s output when it ends (the default)'
complete -c prun -l line-buffer -l lb -d 'Print whole lines as soon as jobs write them'
complete -c prun -s u -l ungroup -d 'Let jobs write directly, mixed as it comes'
complete -c prun -l tty -d 'Give one job at a time the terminal'
complete -c prun -l latest-line -l ll -d 'Print the last line of a job only; show it while it runs'
complete -c prun -l tag -d 'Begin each line of output with the job\'s values'
complete -c prun -l files -d 'Keep each job\'s output in a file and print its name'
complete -c prun -l files0 -d 'The same as --files; names end with a NUL byte'
complete -c prun -s v -d 'Print each command before its output'
complete -c prun -s t -l verbose -d 'Print each command on standard error as it starts'
complete -c prun -l progress -l bar -l eta -d 'Show how far the run is, on standard error'
complete -c prun -l quiet -d 'Do not list the failed jobs at the end'
complete -c prun -l fail-fast -d 'End all jobs as soon as one fails; as --halt now,fail=1'
complete -c prun -l resume -d 'Leave out the jobs that the job log has as done'
complete -c prun -l resume-failed -d 'Like --resume, but run failed jobs again'
complete -c prun -l retry-failed -d 'Run the job log\'s failed commands again'
complete -c prun -l plain -d 'Ignore $PRUN and files of options'
complete -c prun -s h -l help -d 'Print help; --help explains more than -h'
complete -c prun -s V -l version -d 'Print the version'
complete -c prun -l builtins -d 'List the built-ins: commands that begin with @'
