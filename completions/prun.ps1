
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
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Split values into columns at the regular expression RE')
            [CompletionResult]::new('--colsep', '--colsep', [CompletionResultType]::ParameterName, 'Split values into columns at the regular expression RE')
            [CompletionResult]::new('--header', '--header', [CompletionResultType]::ParameterName, 'Take column names from the first line of each source')
            [CompletionResult]::new('--trim', '--trim', [CompletionResultType]::ParameterName, 'Remove blanks around values: n, l, r, lr')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Stop reading a source at the value S')
            [CompletionResult]::new('--eof', '--eof', [CompletionResultType]::ParameterName, 'Stop reading a source at the value S')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Pass up to N values to each job')
            [CompletionResult]::new('--max-args', '--max-args', [CompletionResultType]::ParameterName, 'Pass up to N values to each job')
            [CompletionResult]::new('-N', '-N ', [CompletionResultType]::ParameterName, 'Pass up to N values to each job, as <1>, <2> and so on')
            [CompletionResult]::new('--max-replace-args', '--max-replace-args', [CompletionResultType]::ParameterName, 'Pass up to N values to each job, as <1>, <2> and so on')
            [CompletionResult]::new('-L', '-L ', [CompletionResultType]::ParameterName, 'Pass up to N lines of input to each job')
            [CompletionResult]::new('-l', '-l', [CompletionResultType]::ParameterName, 'Pass up to N lines of input to each job')
            [CompletionResult]::new('--max-lines', '--max-lines', [CompletionResultType]::ParameterName, 'Pass up to N lines of input to each job')
            [CompletionResult]::new('-s', '-s', [CompletionResultType]::ParameterName, 'Limit command lines to N bytes, and fill them like -X')
            [CompletionResult]::new('--max-chars', '--max-chars', [CompletionResultType]::ParameterName, 'Limit command lines to N bytes, and fill them like -X')
            [CompletionResult]::new('--max-record', '--max-record', [CompletionResultType]::ParameterName, 'Allow lines and records of up to SIZE bytes (default 64M)')
            [CompletionResult]::new('--total-jobs', '--total-jobs', [CompletionResultType]::ParameterName, 'Say in advance that there will be N jobs')
            [CompletionResult]::new('--tmpl', '--tmpl', [CompletionResultType]::ParameterName, 'Fill in the template FILE for each job, and write it to NAME')
            [CompletionResult]::new('-I', '-I ', [CompletionResultType]::ParameterName, 'Use S as the placeholder instead of <> and {}')
            [CompletionResult]::new('--rpl', '--rpl', [CompletionResultType]::ParameterName, 'Define a placeholder: ''<up> $_ = uc($_)''')
            [CompletionResult]::new('--parens', '--parens', [CompletionResultType]::ParameterName, 'Enclose expressions in PARENS instead of {= and =}')
            [CompletionResult]::new('--shell', '--shell', [CompletionResultType]::ParameterName, 'Run the command with the shell SH')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Run up to N jobs in parallel: 8, +2, -1, 50%, 0')
            [CompletionResult]::new('-P', '-P ', [CompletionResultType]::ParameterName, 'Run up to N jobs in parallel: 8, +2, -1, 50%, 0')
            [CompletionResult]::new('--jobs', '--jobs', [CompletionResultType]::ParameterName, 'Run up to N jobs in parallel: 8, +2, -1, 50%, 0')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Stop a job after TIME: 10, 500ms, 1.5s, 2m, 1h30m, 1d')
            [CompletionResult]::new('--delay', '--delay', [CompletionResultType]::ParameterName, 'Wait TIME between the starts of two jobs')
            [CompletionResult]::new('--load', '--load', [CompletionResultType]::ParameterName, 'Start jobs only while the system load is below L')
            [CompletionResult]::new('--memfree', '--memfree', [CompletionResultType]::ParameterName, 'Start jobs only while SIZE memory is available')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Run COMMAND before each start to decide whether to start')
            [CompletionResult]::new('--termseq', '--termseq', [CompletionResultType]::ParameterName, 'Signals that stop a job, and pauses: TERM,2000,KILL')
            [CompletionResult]::new('--wd', '--wd', [CompletionResultType]::ParameterName, 'Run jobs in the directory DIR, and create it if necessary')
            [CompletionResult]::new('--process-slot-var', '--process-slot-var', [CompletionResultType]::ParameterName, 'Set the variable NAME to the number of the slot, from 0')
            [CompletionResult]::new('--nice', '--nice', [CompletionResultType]::ParameterName, 'Run jobs with niceness N; 19 is the lowest priority')
            [CompletionResult]::new('--tagstring', '--tagstring', [CompletionResultType]::ParameterName, 'Prefix each line of output with S')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Print the output of each job in a color of its own')
            [CompletionResult]::new('--ctag', '--ctag', [CompletionResultType]::ParameterName, 'Like --tag, and print each tag in the color of its job')
            [CompletionResult]::new('--color-failed', '--color-failed', [CompletionResultType]::ParameterName, 'Print the output of failed jobs in white on red')
            [CompletionResult]::new('--results', '--results', [CompletionResultType]::ParameterName, 'Save the output of each job to files in DIR')
            [CompletionResult]::new('--tmpdir', '--tmpdir', [CompletionResultType]::ParameterName, 'Use DIR for temporary files instead of $TMPDIR')
            [CompletionResult]::new('--halt', '--halt', [CompletionResultType]::ParameterName, 'Stop the run early: now,fail=1 or soon,fail=10%')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Run a failing job up to N times; 0 means no limit')
            [CompletionResult]::new('--leak', '--leak', [CompletionResultType]::ParameterName, 'Background processes that hold output: warn, wait, fail')
            [CompletionResult]::new('--joblog', '--joblog', [CompletionResultType]::ParameterName, 'Write a log to FILE, with one line per job')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Read more options from FILE')
            [CompletionResult]::new('-J', '-J ', [CompletionResultType]::ParameterName, 'Read more options from ~/.config/prun/NAME')
            [CompletionResult]::new('--profile', '--profile', [CompletionResultType]::ParameterName, 'Read more options from ~/.config/prun/NAME')
            [CompletionResult]::new('--arg-sep', '--arg-sep', [CompletionResultType]::ParameterName, 'Use WORD instead of ::: before values')
            [CompletionResult]::new('--arg-file-sep', '--arg-file-sep', [CompletionResultType]::ParameterName, 'Use WORD instead of :::: before files of values')
            [CompletionResult]::new('--generate', '--generate', [CompletionResultType]::ParameterName, 'Print the manual page or completions for a shell')
            [CompletionResult]::new('-0', '-0', [CompletionResultType]::ParameterName, 'Values end with a NUL byte, as from find -print0')
            [CompletionResult]::new('--null', '--null', [CompletionResultType]::ParameterName, 'Values end with a NUL byte, as from find -print0')
            [CompletionResult]::new('--link', '--link', [CompletionResultType]::ParameterName, 'Pair up the sources instead of combining them')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'Read input as CSV: columns separated by commas, with quotes')
            [CompletionResult]::new('--tsv', '--tsv', [CompletionResultType]::ParameterName, 'Read input as CSV with tabs instead of commas')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Read one JSON object per line; <name> is one of its fields')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Skip values that are empty or blank')
            [CompletionResult]::new('--no-run-if-empty', '--no-run-if-empty', [CompletionResultType]::ParameterName, 'Skip values that are empty or blank')
            [CompletionResult]::new('--shuf', '--shuf', [CompletionResultType]::ParameterName, 'Use the values in random order')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'Pass as many values to each job as fit in a command line')
            [CompletionResult]::new('--context-replace', '--context-replace', [CompletionResultType]::ParameterName, 'Pass as many values to each job as fit in a command line')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Like -X, but repeat only the placeholder, not its word')
            [CompletionResult]::new('--xargs', '--xargs', [CompletionResultType]::ParameterName, 'Like -m, but do not divide the last values among the slots')
            [CompletionResult]::new('--fail-if-empty', '--fail-if-empty', [CompletionResultType]::ParameterName, 'Fail if there is no input')
            [CompletionResult]::new('--plus', '--plus', [CompletionResultType]::ParameterName, 'More placeholders: <..> </..> <+.> <:2> <#pre> <%.ext> ...')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Pass every word of the command on exactly as it is')
            [CompletionResult]::new('--quote', '--quote', [CompletionResultType]::ParameterName, 'Pass every word of the command on exactly as it is')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Reject commands that would run part of a value as code')
            [CompletionResult]::new('--plain-values', '--plain-values', [CompletionResultType]::ParameterName, 'Fail jobs whose values contain special characters')
            [CompletionResult]::new('--gnu', '--gnu', [CompletionResultType]::ParameterName, 'Behave like GNU parallel')
            [CompletionResult]::new('--shellquote', '--shellquote', [CompletionResultType]::ParameterName, 'Print commands quoted for a shell instead of running them')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Print the commands instead of running them')
            [CompletionResult]::new('-k', '-k', [CompletionResultType]::ParameterName, 'Print output in the order of the input')
            [CompletionResult]::new('--keep-order', '--keep-order', [CompletionResultType]::ParameterName, 'Print output in the order of the input')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Print a job''s output when the job ends (default)')
            [CompletionResult]::new('--line-buffer', '--line-buffer', [CompletionResultType]::ParameterName, 'Print each line of output as soon as it is complete')
            [CompletionResult]::new('--lb', '--lb', [CompletionResultType]::ParameterName, 'Print each line of output as soon as it is complete')
            [CompletionResult]::new('-u', '-u', [CompletionResultType]::ParameterName, 'Let jobs write to prun''s output directly, unsynchronized')
            [CompletionResult]::new('--ungroup', '--ungroup', [CompletionResultType]::ParameterName, 'Let jobs write to prun''s output directly, unsynchronized')
            [CompletionResult]::new('--tty', '--tty', [CompletionResultType]::ParameterName, 'Give one job at a time access to the terminal')
            [CompletionResult]::new('--latest-line', '--latest-line', [CompletionResultType]::ParameterName, 'Show the latest line of running jobs; print the last one')
            [CompletionResult]::new('--ll', '--ll', [CompletionResultType]::ParameterName, 'Show the latest line of running jobs; print the last one')
            [CompletionResult]::new('--tag', '--tag', [CompletionResultType]::ParameterName, 'Prefix each line of output with the values of its job')
            [CompletionResult]::new('--files', '--files', [CompletionResultType]::ParameterName, 'Save each job''s output to a file, and print the file''s name')
            [CompletionResult]::new('--files0', '--files0', [CompletionResultType]::ParameterName, 'Like --files, but end the names with a NUL byte')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print each command before its output')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Print each command to standard error when it starts')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print each command to standard error when it starts')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Show progress on standard error')
            [CompletionResult]::new('--bar', '--bar', [CompletionResultType]::ParameterName, 'Show progress on standard error')
            [CompletionResult]::new('--eta', '--eta', [CompletionResultType]::ParameterName, 'Show progress on standard error')
            [CompletionResult]::new('--summary', '--summary', [CompletionResultType]::ParameterName, 'Print counts, times and memory use at the end of the run')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Do not list the failed jobs at the end')
            [CompletionResult]::new('--fail-fast', '--fail-fast', [CompletionResultType]::ParameterName, 'Stop all jobs when one fails, like --halt now,fail=1')
            [CompletionResult]::new('--resume', '--resume', [CompletionResultType]::ParameterName, 'Skip the jobs that are done according to the job log')
            [CompletionResult]::new('--resume-failed', '--resume-failed', [CompletionResultType]::ParameterName, 'Like --resume, but run failed jobs again')
            [CompletionResult]::new('--retry-failed', '--retry-failed', [CompletionResultType]::ParameterName, 'Run the failed commands in the job log again')
            [CompletionResult]::new('--plain', '--plain', [CompletionResultType]::ParameterName, 'Ignore $PRUN and files with options')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help; --help prints more than -h')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help; --help prints more than -h')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('--builtins', '--builtins', [CompletionResultType]::ParameterName, 'List the built-in commands, which begin with @')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
