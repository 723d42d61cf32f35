//! Texts of `--help` and of the manual page, beside those of the options.

pub(super) const USAGE: &str =
    "prun [OPTIONS] [COMMAND [ARG]...] [(::: | :::+ | :::: | ::::+) VALUE...]...";

pub(super) const ABOUT: &str = "Run one command per input, many at a time";

pub(super) const LONG_ABOUT: &str = "\
Run one command per input, many at a time.

Each value from the command line, a file or standard input makes one job. Jobs run in parallel, \
as many at a time as there are CPUs, or as -j says. The output of a job is printed as a whole \
when the job ends. The exit status is 0 if all jobs succeeded, otherwise the number of failed jobs.

A command of one word is a command line: prun 'gzip -9 <>' ::: *.log. If it needs a shell, a \
shell runs it. A command of several words is executed as it stands, without a second level of \
quoting. Without a command, each value is a command line itself. A command that begins with @ is \
a built-in, which runs inside prun, without a process: prun @sha256 ::: *.iso, \
prun '@gunzip -c <> | @count -l' ::: *.gz. --builtins lists the built-ins, --help @NAME \
explains one, and --help NAME explains an option.

Placeholders stand for values: <> the value, <.> without its extension, </> its base name, \
<//> its directory, </.> its base name without extension, <#> the number of the job, <%> that of \
its slot, <2> the value of the second source. Quote them, because the shell takes < and > for \
redirections. In a command without <...>, braces do the same: {}, {.}, {/}, {2}. If the \
command has no placeholder, the values are appended to it as arguments.

Values come from standard input, or from ::: VALUE... and :::: FILE... after the command. Several \
sources give every combination of their values; :::+ and ::::+ pair the values with those of the \
source before, one by one.";

// A first line of its own for the opening quote would lose the indentation.
pub(super) const EXAMPLES: &str =
    "  prun 'gzip -9 <>' ::: *.log                   compress each file
  prun -j8 convert '<>' '<.>.jpg' ::: *.png     eight at a time, new names
  find . -print0 | prun -0 file                 any file name, newlines too
  prun @gunzip ::: *.gz                         a built-in: no process
  prun 'echo <1>-<2>' ::: a b ::: 1 2           every combination
  prun -k < commands.txt                        each line is a command";

/// Shown after [`EXAMPLES`] by `--help examples`.
pub(super) const MORE_EXAMPLES: &str =
    "  prun 'zcat <> | grep -c ERROR' ::: *.log.gz   a pipeline for each file
  prun --tag --fail-fast make -C ::: */         stop at the first failure
  prun --joblog log --resume 'pack <>' ::: *    continue an interrupted run
  prun --retries 3 --timeout 1m fetch < urls    retry, with a time limit
  prun --csv --header : 'echo <city>' < t.csv   columns by name
  prun --link 'mv <1> <2>' ::: a b ::: c d      values of two lists, in pairs
  prun -X rm -- < names.txt                     as many values as fit at once
  prun --results 'out/<>' 'wc <>' ::: *.log     output kept in files
  prun '@gunzip -c <> | @count -l' ::: *.gz     built-ins in a pipeline
  prun --pipe 'grep ERROR' < big.log            blocks of a stream or file
  prun --pipe --recstart '>' -N9 blast < x.fa   records of any kind
  prun --dry-run 'mv <> </>.old' ::: *.log      show what would run";

pub(super) const EXIT_STATUS: &str = "  0      every job succeeded and all output was written
  1-100  number of failed jobs
  101    more than 100 jobs failed
  124    the time of --timeout-total was over
  255    prun itself failed: wrong usage, input that cannot be read,
         output that cannot be written
  128+N  ended by signal N
  With --halt ...,fail=1 or ...,done=1 it is the exit status of the job that
  ended the run; with --halt ...,success it is 0 if enough jobs have succeeded.
  With --semaphore it is 0 once the command has started, 127 or 126 if it cannot be, and 1 if prun
  gave up waiting; with --fg it is the exit status of the command, or 128+N.
  A job fails if its exit status is not 0 and not one of --ok-codes, if a signal ends it, and if
  it is stopped by --timeout.";

pub(super) const READ_AGAIN: &str =
    "  prun itself never runs a value as code. A command may do so: sh -c, eval, ssh, awk. prun
  follows values within one command line to find that: through variables, parameters, arrays,
  pipes, files, functions, substitutions, here-documents, and into code in quotes (sh -c, eval,
  trap). If a value gets to a command that would run it as code, prun prints a warning, or with
  --strict an error. If a value stands in arithmetic of the shell, it must be an integer, or its
  job fails.
  prun does not follow values through:
  output of programs other than cat, sed, awk, tr, sort and the like
  scripts, makefiles and configuration files that the command line only names
  files that another job or an earlier run has written
  files that are written and read under different names, but for ./
  descriptors above 2, and coproc: exec 3>FILE, >&3
  variables that a shell function from the environment or a sourced file sets or reads
  values that are a whole command or option: $x FILE, tar <>
  files whose names are values: sh <> runs the file
  programs that are not known to run code
  With --plain-values no value can be code of a shell, whatever command reads it.";

pub(super) const EXPRESSIONS: &str =
    "  {= EXPRESSION =} changes the value, which is $_, as in Perl. {=2 ... =} changes the second
  value. Statements are separated by semicolons. These can be used:
  s/RE/TEXT/gimsxe  tr/a-z/A-Z/  $_ = ...  .= += -= *= /= %= **= x= ||= //=  $_++  $_--
  + - * / % ** . x  == != < > <= >= <=>  eq ne lt gt le ge cmp  =~ !~ /RE/  && || ! // ?:
  and or not  if unless else  my $x
  uc lc ucfirst lcfirst length substr index rindex sprintf reverse abs int sqrt log exp
  chomp chop ord chr hex oct join quotemeta defined
  Q() quotes for a shell, pQ() for a string of Perl's
  seq() slot() total_jobs() skip() $arg[1] @arg $1 $&
  skip() leaves the job out. Text in UTF-8 is handled by characters. Patterns have no look-around
  and no back-references. Expressions cannot read files or run programs.";

pub(super) const SIGNALS: &str =
    "  INT, TERM and QUIT are passed on to the process groups of all jobs, and after two seconds
  KILL is sent; a second one kills at once. The output of the jobs up to then is
  printed, and prun ends by the signal.
  After HUP no more jobs are started, and running jobs can finish.
  TSTP and CONT stop and continue the jobs; stopped time counts for no limit or delay.
  USR1 raises the number of jobs at once by 1, and USR2 lowers it, down to 1; running jobs go on.
  With --status-on USR1 or --status-on USR2, that signal lists the running jobs on standard error
  instead. With --gnu, USR1 lists them, and USR2 does nothing.
  KILL, by whomever: on Linux, a guard process (job-guard) then kills all processes of the jobs
  that were running, also those that have left their process groups, as by setsid, if they still
  have the environment of the job. Elsewhere, and if the guard is killed as well, jobs may live on.
  A signal that was ignored when prun started stays ignored.";

pub(super) const ENVIRONMENT: &str = "  PRUN        options, read before those of the command line
  PRUN_SHELL  shell for commands that need one, instead of bash
  TMPDIR      directory for temporary files: output that does not fit into memory, --files
  MAKEFLAGS   jobserver of the make that runs prun, whose tokens jobs take without a typed -j;
              CARGO_MAKEFLAGS is that of cargo
  TERM        with TERM=dumb, progress is shown in plain lines
  XDG_RUNTIME_DIR  directory for the locks of --semaphore; else they are in TMPDIR
  The environment of each job has PRUN_SEQ (number of the job), PRUN_SLOT (number of its slot)
  and PRUN_PID (process number of prun). That of a command of --semaphore has PRUN_SLOT, and in
  PRUN_SEMAPHORES what it holds, so that it need not wait for itself; PRUN does not apply to it.
  With --gnu, PARALLEL holds options, too, and may hold the beginning of the command.
  PARALLEL_SHELL and SHELL name the shell. PARALLEL_ENV holds definitions of env_parallel, or
  names a file with them: the shell of each job, which is then the one that called prun, reads
  them before the command. Jobs get PARALLEL_SEQ, PARALLEL_JOBSLOT and PARALLEL_PID as well.";
