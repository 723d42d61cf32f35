complete -c prun -n __prun_options -s a -l arg-file -d 'Read values from FILE, one per line' -r -F
complete -c prun -n __prun_options -s d -l delimiter -d 'Values end with S instead of a newline' -r
complete -c prun -n __prun_options -s C -l colsep -d 'Split values into columns at the regular expression RE' -r
complete -c prun -n __prun_options -l header -d 'Take column names from the first line of each source' -r
complete -c prun -n __prun_options -l trim -d 'Remove blanks around values: n, l, r, lr' -r -f -a "n\t'Nothing'
l\t'On the left'
r\t'On the right'
lr\t'On both sides'
rl\t'The same'"
complete -c prun -n __prun_options -s E -l eof -d 'Stop reading a source at the value S' -r
complete -c prun -n __prun_options -s n -l max-args -d 'Pass up to N values to each job' -r
complete -c prun -n __prun_options -s N -l max-replace-args -d 'Pass up to N values to each job, as <1>, <2> and so on' -r
complete -c prun -n __prun_options -s L -s l -l max-lines -d 'Pass up to N lines of input to each job' -r
complete -c prun -n __prun_options -s s -l max-chars -d 'Limit command lines to N bytes, and fill them like -X' -r
complete -c prun -n __prun_options -l max-record -d 'Allow lines and records of up to SIZE bytes (default 64M)' -r
complete -c prun -n __prun_options -l total-jobs -d 'Say in advance that there will be N jobs' -r
complete -c prun -n __prun_options -l block -d 'Make blocks of up to SIZE bytes (default 1M)' -r
complete -c prun -n __prun_options -l recend -d 'Records end with S (default \\n)' -r
complete -c prun -n __prun_options -l recstart -d 'Records start with S' -r
complete -c prun -n __prun_options -l shard -d 'Deal records by column COL, to one job per slot' -r
complete -c prun -n __prun_options -l bin -d 'Like --shard, but the number in column COL says to which' -r
complete -c prun -n __prun_options -l group-by -d 'Keep records with the same column COL in one block' -r
complete -c prun -n __prun_options -l block-timeout -d 'Start a job after TIME even if its block is not full' -r
complete -c prun -n __prun_options -l tmpl -d 'Fill in the template FILE for each job, and write it to NAME' -r
complete -c prun -n __prun_options -s I -d 'Use S as the placeholder instead of <> and {}' -r
complete -c prun -n __prun_options -l rpl -d 'Define a placeholder: \'<up> $_ = uc($_)\'' -r
complete -c prun -n __prun_options -l parens -d 'Enclose expressions in PARENS instead of {= and =}' -r
complete -c prun -n __prun_options -l shell -d 'Run the command with the shell SH' -r -f -a "(__fish_complete_command)"
complete -c prun -n __prun_options -s j -s P -l jobs -d 'Run up to N jobs in parallel: 8, +2, -1, 50%, 0' -r
complete -c prun -n __prun_options -l status-on -d 'List the running jobs on this signal: USR1, USR2' -r
complete -c prun -n __prun_options -l timeout -d 'Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d' -r
complete -c prun -n __prun_options -l timeout-total -d 'Stop the whole run after TIME' -r
complete -c prun -n __prun_options -l delay -d 'Wait TIME between the starts of two jobs' -r
complete -c prun -n __prun_options -l rate -d 'Start at most N jobs in a time: 10/s, 30/min, 100/h, 3/10s' -r
complete -c prun -n __prun_options -l load -d 'Start jobs only while the system load is below L' -r
complete -c prun -n __prun_options -l memfree -d 'Start jobs only while SIZE memory is available' -r
complete -c prun -n __prun_options -l memsuspend -d 'Suspend jobs while less than twice SIZE memory is available' -r
complete -c prun -n __prun_options -l pressure -d 'Start jobs only while tasks rarely wait: cpu=15,mem=5,io=20' -r
complete -c prun -n __prun_options -l limit -d 'Run COMMAND before each start to decide whether to start' -r -f -a "(__fish_complete_command)"
complete -c prun -n __prun_options -l termseq -d 'Signals that stop a job, and pauses: TERM,2000,KILL' -r
complete -c prun -n __prun_options -l wd -d 'Run jobs in the directory DIR, and create it if necessary' -r -f -a "(__fish_complete_directories)"
complete -c prun -n __prun_options -l process-slot-var -d 'Set the variable NAME to the number of the slot, from 0' -r
complete -c prun -n __prun_options -l nice -d 'Run jobs with niceness N; 19 is the lowest priority' -r
complete -c prun -n __prun_options -l job-mem -d 'Let each job use at most SIZE of memory' -r
complete -c prun -n __prun_options -l job-cpus -d 'Let each job use at most N CPUs: 2, 0.5' -r
complete -c prun -n __prun_options -l job-pids -d 'Let each job have at most N processes and threads' -r
complete -c prun -n __prun_options -l id -d 'Use the semaphore of this name, any text' -r
complete -c prun -n __prun_options -l semaphoretimeout -d 'Wait at most TIME, then run anyway; -TIME: give up' -r
complete -c prun -n __prun_options -l key -d 'Run jobs of the same key one at a time: --key \'<1>\'' -r
complete -c prun -n __prun_options -l per-key -d 'Run up to N jobs of the same key at once (default: 1)' -r
complete -c prun -n __prun_options -l key-rate -d 'Start at most N jobs of a key in a time: 5/s, 30/min' -r
complete -c prun -n __prun_options -l slot-env -d 'Give each slot its own value of a variable: GPU=0,1' -r
complete -c prun -n __prun_options -l plan -d 'Run the jobs of FILE, which need each other' -r -F
complete -c prun -n __prun_options -l jobserver -d 'Share -j with make, cargo and ninja that jobs run' -r -f -a "pipe\t''
fifo\t''"
complete -c prun -n __prun_options -l worker-send -d 'Send TEXT to the worker: --worker-send \'sqrt(<1>)\'' -r
complete -c prun -n __prun_options -l worker-end -d 'The worker\'s answer ends with a line that is TEXT' -r
complete -c prun -n __prun_options -l worker-jobs -d 'Start the worker again after N jobs' -r
complete -c prun -n __prun_options -l queue -d 'Run the jobs that wait in the queue FILE' -r -F
complete -c prun -n __prun_options -l priority -d 'Priority of what is put, 0 by default; higher goes first' -r
complete -c prun -n __prun_options -l queue-max -d 'Wait with --put while N entries are waiting' -r
complete -c prun -n __prun_options -l tagstring -d 'Prefix each line of output with S' -r
complete -c prun -n __prun_options -l color -d 'Print the output of each job in a color of its own' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -n __prun_options -l ctag -d 'Like --tag, and print each tag in the color of its job' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -n __prun_options -l color-failed -d 'Print the output of failed jobs in white on red' -r -f -a "auto\t'On a terminal'
always\t'In any case'
never\t'In no case'"
complete -c prun -n __prun_options -l results -d 'Save the output of each job to files in DIR' -r -F
complete -c prun -n __prun_options -l tmpdir -d 'Use DIR for temporary files instead of $TMPDIR' -r -f -a "(__fish_complete_directories)"
complete -c prun -n __prun_options -l summary -d 'Print counts, times and memory use at the end of the run' -r -f -a "text\t''
json\t''"
complete -c prun -n __prun_options -l events -d 'Write the run\'s events to FILE, one JSON object per line' -r -F
complete -c prun -n __prun_options -l halt -d 'Stop the run early: now,fail=1 or soon,fail=10%' -r -f -a "never\t''
now\,fail=1\t''
now\,fail=10%\t''
soon\,fail=1\t''
soon\,fail=10%\t''
now\,success=1\t''
soon\,success=1\t''
now\,done=1\t''
soon\,done=1\t''"
complete -c prun -n __prun_options -l retries -d 'Run a failing job up to N times; 0 means no limit' -r
complete -c prun -n __prun_options -l retry-on -d 'Retry only after these failures: 75,100-110,SIGKILL,timeout' -r
complete -c prun -n __prun_options -l retry-delay -d 'Wait TIME, or TIME up to MAX, before a retry: 10, 1s..5m' -r
complete -c prun -n __prun_options -l ok-codes -d 'Exit statuses beside 0 that count as success: 1,3,10-20' -r
complete -c prun -n __prun_options -l leak -d 'Background processes that hold output: warn, wait, fail' -r -f -a "warn\t''
wait\t''
fail\t''"
complete -c prun -n __prun_options -l joblog -d 'Write a log to FILE, with one line per job' -r -F
complete -c prun -n __prun_options -l joblog-sync -d 'When the job log is on the disk: each, TIME, end or never' -r
complete -c prun -n __prun_options -l config -d 'Read more options from FILE' -r -F
complete -c prun -n __prun_options -s J -l profile -d 'Read more options from ~/.config/prun/NAME' -x -a '(__prun_profiles)'
complete -c prun -n __prun_options -l arg-sep -d 'Use WORD instead of ::: before values' -r
complete -c prun -n __prun_options -l arg-file-sep -d 'Use WORD instead of :::: before files of values' -r
complete -c prun -n __prun_options -l generate -d 'Print the manual page or completions for a shell' -r -f -a "man\t'The manual page, in roff'
bash\t'Completions for bash'
zsh\t'Completions for zsh'
fish\t'Completions for fish'
elvish\t'Completions for elvish'
powershell\t'Completions for PowerShell'"
complete -c prun -n __prun_options -s 0 -l null -d 'Values end with a NUL byte, as from find -print0'
complete -c prun -n __prun_options -l link -d 'Pair up the sources instead of combining them'
complete -c prun -n __prun_options -l csv -d 'Read input as CSV: columns separated by commas, with quotes'
complete -c prun -n __prun_options -l tsv -d 'Read input as CSV with tabs instead of commas'
complete -c prun -n __prun_options -l jsonl -d 'Read one JSON object per line; <name> is one of its fields'
complete -c prun -n __prun_options -s r -l no-run-if-empty -d 'Skip values that are empty or blank'
complete -c prun -n __prun_options -l shuf -d 'Use the values in random order'
complete -c prun -n __prun_options -s X -l context-replace -d 'Pass as many values to each job as fit in a command line'
complete -c prun -n __prun_options -s m -d 'Like -X, but repeat only the placeholder, not its word'
complete -c prun -n __prun_options -l xargs -d 'Like -m, but do not divide the last values among the slots'
complete -c prun -n __prun_options -l fail-if-empty -d 'Fail if there is no input'
complete -c prun -n __prun_options -l pipe -d 'Cut standard input into blocks, and give each job one'
complete -c prun -n __prun_options -l pipepart -d 'Like --pipe, for a file given by -a FILE or :::: FILE'
complete -c prun -n __prun_options -l regexp -d '--recend and --recstart are regular expressions'
complete -c prun -n __prun_options -l remove-rec-sep -d 'Remove --recend and --recstart from the blocks'
complete -c prun -n __prun_options -l round-robin -d 'Run one job per slot, and deal blocks to all of them'
complete -c prun -n __prun_options -l tee -d 'Give each job all of the input'
complete -c prun -n __prun_options -l cat -d 'Put the block into a temporary file; <> is its name'
complete -c prun -n __prun_options -l fifo -d 'Like --cat, with a named pipe instead of a file'
complete -c prun -n __prun_options -l plus -d 'More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...'
complete -c prun -n __prun_options -s q -l quote -d 'Pass every word of the command on exactly as it is'
complete -c prun -n __prun_options -l strict -d 'Reject commands that would run part of a value as code'
complete -c prun -n __prun_options -l plain-values -d 'Fail jobs whose values contain special characters'
complete -c prun -n __prun_options -l gnu -d 'Behave like GNU parallel'
complete -c prun -n __prun_options -l noswap -d 'Start no job while the system swaps memory in and out'
complete -c prun -n __prun_options -l shellquote -d 'Print commands quoted for a shell instead of running them'
complete -c prun -n __prun_options -l dry-run -d 'Print the commands instead of running them'
complete -c prun -n __prun_options -l cgroup -d 'Run each job in a control group and leave nothing behind'
complete -c prun -n __prun_options -l semaphore -d 'Run the command while at most -jN others of its --id run'
complete -c prun -n __prun_options -l fg -d 'Wait for the command of --semaphore; exit as it does'
complete -c prun -n __prun_options -l bg -d 'Run the command of --semaphore in the background (default)'
complete -c prun -n __prun_options -l wait -d 'Wait until no command of the semaphore runs'
complete -c prun -n __prun_options -l worker -d 'Start the command once per slot and send it the values'
complete -c prun -n __prun_options -l put -d 'Put the inputs into the queue instead of running them'
complete -c prun -n __prun_options -l follow -d 'Do not end when nothing is waiting in the queue'
complete -c prun -n __prun_options -l queue-status -d 'Print how many entries are waiting, running, done, failed'
complete -c prun -n __prun_options -l json -d 'Print --queue-status as a JSON object'
complete -c prun -n __prun_options -s k -l keep-order -d 'Print output in the order of the input'
complete -c prun -n __prun_options -l group -d 'Print a job\'s output when the job ends (default)'
complete -c prun -n __prun_options -l line-buffer -l lb -d 'Print each line of output as soon as it is complete'
complete -c prun -n __prun_options -s u -l ungroup -d 'Let jobs write to prun\'s output directly, unsynchronized'
complete -c prun -n __prun_options -l tty -d 'Give one job at a time access to the terminal'
complete -c prun -n __prun_options -l latest-line -l ll -d 'Show the latest line of running jobs; print the last one'
complete -c prun -n __prun_options -l tag -d 'Prefix each line of output with the values of its job'
complete -c prun -n __prun_options -l files -d 'Save each job\'s output to a file, and print the file\'s name'
complete -c prun -n __prun_options -l files0 -d 'Like --files, but end the names with a NUL byte'
complete -c prun -n __prun_options -l total -d 'Print only the sum of the numbers that jobs print'
complete -c prun -n __prun_options -s v -d 'Print each command before its output'
complete -c prun -n __prun_options -s t -l verbose -d 'Print each command to standard error when it starts'
complete -c prun -n __prun_options -l progress -l bar -l eta -d 'Show progress on standard error'
complete -c prun -n __prun_options -l quiet -d 'Do not list the failed jobs at the end'
complete -c prun -n __prun_options -l fail-fast -d 'Stop all jobs when one fails, like --halt now,fail=1'
complete -c prun -n __prun_options -l resume -d 'Skip the jobs that are done according to the job log'
complete -c prun -n __prun_options -l resume-failed -d 'Like --resume, but run failed jobs again'
complete -c prun -n __prun_options -l retry-failed -d 'Run the failed commands in the job log again'
complete -c prun -n __prun_options -l plain -d 'Ignore $PRUN and files with options'
complete -c prun -n __prun_options -s h -l help -d 'Print help; --help prints more than -h'
complete -c prun -n __prun_options -s V -l version -d 'Print the version'
complete -c prun -n __prun_options -l builtins -d 'List the built-in commands, which begin with @'

# The command and what follows it, up to the word that is completed.
function __prun_command
    set -l words (commandline -opc)
    set -e words[1]
    while set -q words[1]
        switch $words[1]
            case --
                set -e words[1]
                break
            case '--arg-file' '--delimiter' '--colsep' '--header' '--trim' '--eof' '--max-args' '--max-replace-args' '--max-lines' '--max-chars' '--max-record' '--total-jobs' '--block' '--recend' '--recstart' '--shard' '--bin' '--group-by' '--block-timeout' '--tmpl' '--rpl' '--parens' '--shell' '--jobs' '--status-on' '--timeout' '--timeout-total' '--delay' '--rate' '--load' '--memfree' '--memsuspend' '--pressure' '--limit' '--termseq' '--wd' '--process-slot-var' '--nice' '--job-mem' '--job-cpus' '--job-pids' '--id' '--semaphoretimeout' '--key' '--per-key' '--key-rate' '--slot-env' '--plan' '--worker-send' '--worker-end' '--worker-jobs' '--queue' '--priority' '--queue-max' '--tagstring' '--results' '--tmpdir' '--events' '--halt' '--retries' '--retry-on' '--retry-delay' '--ok-codes' '--leak' '--joblog' '--joblog-sync' '--config' '--profile' '--arg-sep' '--arg-file-sep' '--generate'
                set -e words[1]
                set -q words[1]; or break
                set -e words[1]
            case '-*'
                # The value of the last letter, if it takes one.
                string match -qr -- '^-[^-adCEnNLlsIjPJ]*[adCEnNLlsIjPJ]$' $words[1]; and set -e words[1]
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
complete -c prun -n __prun_after_help -f -a 'examples expressions exit-status signals environment --arg-file --null --delimiter --link --colsep --csv --tsv --jsonl --header --trim --no-run-if-empty --eof --shuf --max-args --max-replace-args --max-lines --context-replace --xargs --max-chars --max-record --total-jobs --fail-if-empty --pipe --pipepart --block --recend --recstart --regexp --remove-rec-sep --round-robin --tee --shard --bin --group-by --cat --fifo --block-timeout --tmpl --plus --rpl --parens --quote --shell --strict --plain-values --gnu --jobs --status-on --timeout --timeout-total --delay --rate --load --memfree --memsuspend --noswap --pressure --limit --termseq --wd --process-slot-var --nice --shellquote --dry-run --cgroup --job-mem --job-cpus --job-pids --semaphore --id --fg --bg --wait --semaphoretimeout --key --per-key --key-rate --slot-env --plan --jobserver --worker --worker-send --worker-end --worker-jobs --queue --put --priority --queue-max --follow --queue-status --json --keep-order --group --line-buffer --lb --ungroup --tty --latest-line --ll --tag --tagstring --color --ctag --color-failed --results --files --files0 --tmpdir --total --verbose --progress --bar --eta --summary --events --quiet --halt --fail-fast --retries --retry-on --retry-delay --ok-codes --leak --joblog --joblog-sync --resume --resume-failed --retry-failed --config --profile --plain --arg-sep --arg-file-sep --help --version --builtins --generate @sha256 @sha512 @sha1 @md5 @blake3 @crc32 @gzip @gunzip @zstd @unzstd @xz @unxz @bzip2 @bunzip2 @lz4 @unlz4 @count @cat @head @tail @grep @replace @cut @uniq @json @csv @upper @lower @base64 @unbase64 @hex @unhex @freq @sum @stats @sort'
complete -c prun -n '__prun_options; and not __prun_after_help' -f -a "@sha256\t'SHA-256 checksums, as sha256sum prints them'
@sha512\t'SHA-512 checksums, as sha512sum prints them'
@sha1\t'SHA-1 checksums, as sha1sum prints them'
@md5\t'MD5 checksums, as md5sum prints them'
@blake3\t'BLAKE3 checksums, as b3sum prints them'
@crc32\t'CRC-32 checksums, as in zip and gzip files'
@gzip\t'Compress files as gzip does'
@gunzip\t'Decompress files as gunzip does'
@zstd\t'Compress files as zstd does'
@unzstd\t'Decompress files as unzstd does'
@xz\t'Compress files as xz does'
@unxz\t'Decompress files as unxz does'
@bzip2\t'Compress files as bzip2 does'
@bunzip2\t'Decompress files as bunzip2 does'
@lz4\t'Compress files as lz4 does'
@unlz4\t'Decompress files as unlz4 does'
@count\t'Lines, words and bytes of files, as wc prints them'
@cat\t'The contents of files, as cat prints them'
@head\t'The first lines of files, as head prints them'
@tail\t'The last lines of files, as tail prints them'
@grep\t'Lines that match a pattern, as grep -E prints them'
@replace\t'Files with every match of a pattern replaced'
@cut\t'Fields or bytes of lines, as cut prints them'
@uniq\t'Lines without those that repeat the last, as uniq does'
@json\t'JSON checked, laid out as by jq, or a value picked from it'
@csv\t'CSV checked, columns picked, to JSON and from it'
@upper\t'The contents of files in upper case, as tr a-z A-Z'
@lower\t'The contents of files in lower case, as tr A-Z a-z'
@base64\t'The contents of files in base64, as base64 prints them'
@unbase64\t'What was encoded in base64, as base64 -d'
@hex\t'The contents of files in hexadecimal, as xxd -p'
@unhex\t'What was encoded in hexadecimal, as xxd -r -p'
@freq\t'How often each line occurs in all jobs, most often first'
@sum\t'The sum of the numbers in all jobs'
@stats\t'Count, sum, range, mean, deviation, median of numbers'
@sort\t'The lines of all jobs in order, as LC_ALL=C sort prints them'"
