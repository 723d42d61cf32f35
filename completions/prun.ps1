
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'prun' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'prun'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'prun' {
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Read values from FILE, one per line')
            [CompletionResult]::new('--arg-file', '--arg-file', [CompletionResultType]::ParameterName, 'Read values from FILE, one per line')
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Values end with S instead of a newline')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'Values end with S instead of a newline')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Cut values into columns at RE, a regular expression')
            [CompletionResult]::new('--colsep', '--colsep', [CompletionResultType]::ParameterName, 'Cut values into columns at RE, a regular expression')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'The first value of each source names its columns')
            [CompletionResult]::new('--trim', '--trim', [CompletionResultType]::ParameterName, 'Cut off blanks of values: n, l, r, lr')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'The value S ends its source')
            [CompletionResult]::new('--eof', '--eof', [CompletionResultType]::ParameterName, 'The value S ends its source')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Give each job up to N values')
            [CompletionResult]::new('--max-args', '--max-args', [CompletionResultType]::ParameterName, 'Give each job up to N values')
            [CompletionResult]::new('-N', '-N ', [CompletionResultType]::ParameterName, 'The same as -n; <1>, <2> are the values')
            [CompletionResult]::new('--max-replace-args', '--max-replace-args', [CompletionResultType]::ParameterName, 'The same as -n; <1>, <2> are the values')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Give each job up to N lines')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Give each job up to N lines')
            [CompletionResult]::new('--max-lines', '--max-lines', [CompletionResultType]::ParameterName, 'Give each job up to N lines')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'A command line has at most N bytes; as -X')
            [CompletionResult]::new('--max-chars', '--max-chars', [CompletionResultType]::ParameterName, 'A command line has at most N bytes; as -X')
            [CompletionResult]::new('--max-record', '--max-record', [CompletionResultType]::ParameterName, 'Hold at most SIZE of one line or record (64M)')
            [CompletionResult]::new('--total-jobs', '--total-jobs', [CompletionResultType]::ParameterName, 'There are N jobs')
            [CompletionResult]::new('--tmpl', '--tmpl', [CompletionResultType]::ParameterName, 'Fill the placeholders in FILE and write NAME for each job')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'S is the placeholder, instead of <> and {}')
            [CompletionResult]::new('--rpl', '--rpl', [CompletionResultType]::ParameterName, 'A placeholder of your own: ''<up> $_ = uc($_)''')
            [CompletionResult]::new('--parens', '--parens', [CompletionResultType]::ParameterName, 'PARENS enclose expressions, instead of {= and =}')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'Run the command with the shell SH')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Run N jobs at once: 8, +2, -1, 50%, 0 for no limit')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Wait TIME between two starts')
            [CompletionResult]::new('--load', '--load', [CompletionResultType]::ParameterName, 'Start a job only while the load is below L')
            [CompletionResult]::new('--memfree', '--memfree', [CompletionResultType]::ParameterName, 'Start a job only while SIZE memory is available')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Start a job only if COMMAND agrees')
            [CompletionResult]::new('--termseq', '--termseq', [CompletionResultType]::ParameterName, 'Signals that end a job: TERM,2000,KILL')
            [CompletionResult]::new('--wd', '--wd', [CompletionResultType]::ParameterName, 'Run each job in the directory DIR, made if it is missing')
            [CompletionResult]::new('--process-slot-var', '--process-slot-var', [CompletionResultType]::ParameterName, 'Give jobs the variable NAME: their slot, from 0')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'Run jobs at this niceness: 19 is the lowest priority')
            [CompletionResult]::new('--tagstring', '--tagstring', [CompletionResultType]::ParameterName, 'Begin each line of output with S')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Print each job''s output in a colour of its own')
            [CompletionResult]::new('--ctag', '--ctag', [CompletionResultType]::ParameterName, 'As --tag, with each tag in the colour of its job')
            [CompletionResult]::new('--color-failed', '--color-failed', [CompletionResultType]::ParameterName, 'Print the output of failed jobs in white on red')
            [CompletionResult]::new('--results', '--results', [CompletionResultType]::ParameterName, 'Keep each job''s output in files below DIR')
            [CompletionResult]::new('--tmpdir', '--tmpdir', [CompletionResultType]::ParameterName, 'Put temporary files into DIR instead of $TMPDIR')
            [CompletionResult]::new('--halt', '--halt', [CompletionResultType]::ParameterName, 'When to stop early: now,fail=1 or soon,fail=10%')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Try a failing job up to N times, 0 without end')
            [CompletionResult]::new('--leak', '--leak', [CompletionResultType]::ParameterName, 'If a job''s output stays open: warn, wait or fail')
            [CompletionResult]::new('--joblog', '--joblog', [CompletionResultType]::ParameterName, 'Write one line per job to FILE')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read options from FILE as well')
            [CompletionResult]::new('-J', '-J ', [CompletionResultType]::ParameterName, 'Read options from ~/.config/prun/NAME as well')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Read options from ~/.config/prun/NAME as well')
            [CompletionResult]::new('--arg-sep', '--arg-sep', [CompletionResultType]::ParameterName, 'WORD begins values, instead of :::')
            [CompletionResult]::new('--arg-file-sep', '--arg-file-sep', [CompletionResultType]::ParameterName, 'WORD begins files of values, instead of ::::')
            [CompletionResult]::new('--generate', '--generate', [CompletionResultType]::ParameterName, 'Print a manual page or a shell''s completions')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'Values end with a NUL byte, as from find -print0')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'Values end with a NUL byte, as from find -print0')
            [CompletionResult]::new('--link', '--link', [CompletionResultType]::ParameterName, 'Take sources side by side instead of combining them')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Values are records of CSV: commas, quotes')
            [CompletionResult]::new('--tsv', '--tsv', [CompletionResultType]::ParameterName, 'The same as --csv, with tabs between columns')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Each line is a JSON object; <name> is one of its fields')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Leave out values that are empty or blank')
            [CompletionResult]::new('--no-run-if-empty', '--no-run-if-empty', [CompletionResultType]::ParameterName, 'Leave out values that are empty or blank')
            [CompletionResult]::new('--shuf', '--shuf', [CompletionResultType]::ParameterName, 'Take the values in random order')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'Give each job as many values as fit in a command line')
            [CompletionResult]::new('--context-replace', '--context-replace', [CompletionResultType]::ParameterName, 'Give each job as many values as fit in a command line')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The same as -X, but only the placeholder is repeated')
            [CompletionResult]::new('--xargs', '--xargs', [CompletionResultType]::ParameterName, 'The same as -m, but the last values are not spread')
            [CompletionResult]::new('--fail-if-empty', '--fail-if-empty', [CompletionResultType]::ParameterName, 'It is an error if there is no input')
            [CompletionResult]::new('--plus', '--plus', [CompletionResultType]::ParameterName, 'More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Every word of the command is an argument as it stands')
            [CompletionResult]::new('--quote', '--quote', [CompletionResultType]::ParameterName, 'Every word of the command is an argument as it stands')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse commands that parse a value a second time')
            [CompletionResult]::new('--plain-values', '--plain-values', [CompletionResultType]::ParameterName, 'Fail jobs whose values are not plain words')
            [CompletionResult]::new('--gnu', '--gnu', [CompletionResultType]::ParameterName, 'Compose commands as GNU parallel does')
            [CompletionResult]::new('--shellquote', '--shellquote', [CompletionResultType]::ParameterName, 'Print each command quoted, as one word for a shell')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the commands instead of running them')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Print output in the order of the input')
            [CompletionResult]::new('--keep-order', '--keep-order', [CompletionResultType]::ParameterName, 'Print output in the order of the input')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Print a job''s output when it ends (the default)')
            [CompletionResult]::new('--line-buffer', '--line-buffer', [CompletionResultType]::ParameterName, 'Print whole lines as soon as jobs write them')
            [CompletionResult]::new('--lb', '--lb', [CompletionResultType]::ParameterName, 'Print whole lines as soon as jobs write them')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Let jobs write directly, mixed as it comes')
            [CompletionResult]::new('--ungroup', '--ungroup', [CompletionResultType]::ParameterName, 'Let jobs write directly, mixed as it comes')
            [CompletionResult]::new('--tty', '--tty', [CompletionResultType]::ParameterName, 'Give one job at a time the terminal')
            [CompletionResult]::new('--latest-line', '--latest-line', [CompletionResultType]::ParameterName, 'Print the last line of a job only; show it while it runs')
            [CompletionResult]::new('--ll', '--ll', [CompletionResultType]::ParameterName, 'Print the last line of a job only; show it while it runs')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Begin each line of output with the job''s values')
            [CompletionResult]::new('--files', '--files', [CompletionResultType]::ParameterName, 'Keep each job''s output in a file and print its name')
            [CompletionResult]::new('--files0', '--files0', [CompletionResultType]::ParameterName, 'The same as --files; names end with a NUL byte')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each command before its output')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Print each command on standard error as it starts')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each command on standard error as it starts')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show how far the run is, on standard error')
            [CompletionResult]::new('--bar', '--bar', [CompletionResultType]::ParameterName, 'Show how far the run is, on standard error')
            [CompletionResult]::new('--eta', '--eta', [CompletionResultType]::ParameterName, 'Show how far the run is, on standard error')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Do not list the failed jobs at the end')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'End all jobs as soon as one fails; as --halt now,fail=1')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Leave out the jobs that the job log has as done')
            [CompletionResult]::new('--resume-failed', '--resume-failed', [CompletionResultType]::ParameterName, 'Like --resume, but run failed jobs again')
            [CompletionResult]::new('--retry-failed', '--retry-failed', [CompletionResultType]::ParameterName, 'Run the job log''s failed commands again')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'Ignore $PRUN and files of options')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help; --help explains more than -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help; --help explains more than -h')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('--builtins', '--builtins', [CompletionResultType]::ParameterName, 'List the built-ins: commands that begin with @')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
