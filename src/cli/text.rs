//! What help and the manual page say beside the options.

pub(super) const USAGE: &str =
    "prun [OPTIONS] [COMMAND [ARG]...] [(::: | :::+ | :::: | ::::+) VALUE...]...";

pub(super) const ABOUT: &str = "Run one command per input, many at a time";

pub(super) const LONG_ABOUT: &str = "\
Run one command per input, many at a time.

Each value from the command line, a file or standard input makes one job. Jobs run side by side, \
as many as there are CPUs or as -j says. The output of a job is printed as a whole when the job \
ends, and the exit status tells whether all of them succeeded.

A command of one word is a command line: prun 'gzip -9 <>' ::: *.log. If it has shell syntax, a \
shell runs it. A command of several words is executed as it stands, without a second level of \
quoting. Without a command, each value is a command line itself. A command that begins with @ is \
a built-in, which needs no process: prun @sha256 ::: *.iso, prun '@gunzip -c <> | @count -l' \
::: *.gz. --builtins lists them, --help @NAME explains one. --help NAME does so for an option.

Placeholders stand for values: <> the value, <.> without its extension, </> its base name, \
<//> its directory, </.> its base name without extension, <#> the number of the job, <%> that of \
its slot, <2> the value of the second source. Quote them, because the shell takes < and > for \
redirections. Braces do the same where there is no <...>: {}, {.}, {/}, {2}. Without a \
placeholder, the values are appended.

Values come from standard input, or from ::: VALUE... and :::: FILE... after the command. Several \
sources give every combination; :::+ and ::::+ go along with the source before them.";

// Indented for help. A first line of its own for the opening quote would lose that.
pub(super) const EXAMPLES: &str =
    "  prun 'gzip -9 <>' ::: *.log                   compress each file
  prun -j8 convert '<>' '<.>.jpg' ::: *.png     eight at a time, new names
  find . -print0 | prun -0 file                 file names of any kind
  prun @gunzip ::: *.gz                         a built-in: no process at all
  prun 'echo <1>-<2>' ::: a b ::: 1 2           every combination
  prun -k < commands.txt                        each line is a command";

/// Beside the others, for whoever asks for examples.
pub(super) const MORE_EXAMPLES: &str =
    "  prun 'zcat <> | grep -c ERROR' ::: *.log.gz   a pipeline for each file
  prun --tag --fail-fast make -C ::: */         stop at the first failure
  prun --joblog log --resume 'pack <>' ::: *    go on where it was broken off
  prun --retries 3 --timeout 1m fetch < urls    try again, not for ever
  prun --csv --header : 'echo <city>' < t.csv   columns by their names
  prun --link 'mv <1> <2>' ::: a b ::: c d      two lists side by side
  prun -X rm -- < names.txt                     as many values as fit at once
  prun --results 'out/<>' 'wc <>' ::: *.log     output kept in files
  prun '@gunzip -c <> | @count -l' ::: *.gz     built-ins in a pipeline
  prun --dry-run 'mv <> </>.old' ::: *.log      only show what would run";

pub(super) const EXIT_STATUS: &str = "  0      every job succeeded and all output was written
  1-100  so many jobs failed
  101    more than 100 jobs failed
  255    prun itself failed: wrong usage, input that cannot be read,
         output that cannot be written
  128+N  ended by signal N
  With --halt ...,fail=1 or ...,done=1 it is that of the deciding job;
  with --halt ...,success it is 0 once enough jobs have succeeded.";

pub(super) const READ_AGAIN: &str =
    "  Values are followed within one command line: through variables, parameters, arrays, pipes,
  files, functions, substitutions, here-documents, and into code in quotes (sh -c, eval, trap).
  There is a warning, or with --strict an error, where one gets to what reads it as code. A
  value itself in a place where a shell calculates must be an integer, or its job fails.
  Not followed are:
  what programs other than cat, sed, awk, tr, sort and the like print of their arguments or input
  scripts, makefiles and configuration that are not in the line, and what they do with a value
  files that another job, or an earlier run, wrote values to
  files whose names differ in the line, but for ./, where they are written and where they are read
  descriptors above 2, and coproc: exec 3>FILE, >&3
  variables that a shell function from the environment or a sourced file sets or reads
  options and commands that a value as a whole word stands for: tar <>, $x FILE
  files whose names are values: sh <> runs the file
  programs that are not known to run code
  With --plain-values no value can be code of a shell, whatever reads it.";

pub(super) const EXPRESSIONS: &str =
    "  {= EXPRESSION =} edits the value, which is $_, as in Perl. {=2 ... =} edits the second value.
  Statements end with a semicolon; these are known:
  s/RE/TEXT/gimsxe  tr/a-z/A-Z/  $_ = ...  .= += -= *= /= %= **= x= ||= //=  $_++  $_--
  + - * / % ** . x  == != < > <= >= <=>  eq ne lt gt le ge cmp  =~ !~ /RE/  && || ! // ?:
  and or not  if unless else  my $x
  uc lc ucfirst lcfirst length substr index rindex sprintf reverse abs int sqrt log exp
  chomp chop ord chr hex oct join quotemeta defined
  Q() quotes for a shell, pQ() for a string of Perl's
  seq() slot() total_jobs() skip() $arg[1] @arg $1 $&
  skip() leaves the job out. Text that is UTF-8 is edited by characters. Look-around and
  back-references are not known in patterns, and nothing can read files or run programs.";

pub(super) const SIGNALS: &str =
    "  INT, TERM and QUIT are passed on to the process groups of all jobs, which have two
  seconds before KILL; the same signal again kills at once. What jobs have written is
  printed, and prun ends by the signal.
  After HUP no job is started, and running jobs may end.
  TSTP and CONT stop and continue the jobs and the clocks of their time limits.
  USR1 lists the running jobs on standard error.
  A signal that was ignored when prun started stays ignored.";

pub(super) const ENVIRONMENT: &str = "  PRUN        options, read before those of the command line
  PRUN_SHELL  the shell for commands that need one, instead of bash
  TMPDIR      where output waits that does not fit into memory, and where --files keeps it
  TERM        dumb: progress is shown in plain lines
  Jobs get PRUN_SEQ (the number of the job), PRUN_SLOT (that of its slot) and
  PRUN_PID (prun's process).
  With --gnu, PARALLEL holds options, too, and may hold the beginning of the command;
  PARALLEL_SHELL and SHELL name the shell; each job's shell reads PARALLEL_ENV, or the file
  that it names, before the command: definitions of env_parallel, in the language of the shell
  that calls prun, which then runs the jobs. Jobs get PARALLEL_SEQ, PARALLEL_JOBSLOT and
  PARALLEL_PID as well.";
