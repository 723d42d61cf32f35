//! Every name of GNU parallel's options and every abbreviation that it takes, against what
//! prun makes of it: the same option, or a refusal.

use super::*;

/// The names of each option of GNU parallel 20221122 as `--help` lists them, with `=` if it
/// needs a value, and the option that it is here: none if it is refused.
const GNU: [(&str, &str); 168] = [
    ("B=", ""),
    ("E=", "eof"),
    ("H=", ""),
    ("I=", "replacement"),
    ("L=", "max_lines"),
    ("T", ""),
    ("U=", ""),
    ("W=", ""),
    ("X", "context_replace"),
    ("Y", ""),
    ("_parset=", "parset"),
    ("_pipe-means-argfiles", ""),
    ("_test=", ""),
    ("arg-file-sep|argfilesep=", "arg_file_sep"),
    ("arg-file|argfile|a=", "arg_file"),
    ("arg-sep|argsep=", "arg_sep"),
    ("bar", "progress"),
    ("basefile|bf=", "transferfile"),
    ("basenameextensionreplace|bner=", "basenameextensionreplace"),
    ("basenamereplace|bnr=", "basenamereplace"),
    ("bg", "bg"),
    ("bin=", "bin"),
    ("block-size|blocksize|block=", "block"),
    ("block-timeout|blocktimeout|bt=", "block_timeout"),
    ("bug", ""),
    ("cat", "cat"),
    ("cleanup", "cleanup"),
    ("col-sep|colsep|C=", "colsep"),
    (
        "color-failed|colour-failed|colorfailed|colourfailed|color-fail|colour-fail|colorfail|colourfail|cf",
        "color_failed",
    ),
    ("color|colour", "color"),
    ("compress", "compress"),
    ("controlmaster|M", ""),
    ("csv", "csv"),
    ("ctag", "ctag"),
    ("ctag-string|ctagstring=", "ctagstring"),
    ("ctrl-c|ctrlc", "ctrl_c"),
    ("debug|D=", ""),
    ("delay=", "delay"),
    ("delimiter|d=", "delimiter"),
    ("dirnamereplace|dnr=", "dirnamereplace"),
    ("dry-run|dryrun|dr", "dry_run"),
    ("embed", ""),
    ("env=", "env"),
    ("eof|e", "eof"),
    ("eta", "progress"),
    ("exit|x", ""),
    ("extensionreplace|er=", "extensionreplace"),
    ("fg", "fg"),
    ("fifo", "fifo"),
    ("filter-hosts|filterhosts|filter-host", ""),
    ("filter=", ""),
    ("g", ""),
    ("gnu", "gnu"),
    ("group", "group"),
    ("group-by|groupby=", "group_by"),
    ("halt-on-error|haltonerror|halt=", "halt"),
    ("header=", "header"),
    ("help|h", "help"),
    ("hgrp|hostgrp|hostgroup|hostgroups", ""),
    ("interactive|p", ""),
    ("joblog|jl=", "joblog"),
    ("jobs|j=", "jobs"),
    ("keep-order|keeporder|k", "keep_order"),
    ("latest-line|latestline|ll", "latest_line"),
    ("limit=", "limit"),
    (
        "line-buffer|line-buffered|linebuffer|linebuffered|lb",
        "line_buffer",
    ),
    ("linkinputsource|xapplyinputsource=", ""),
    ("link|xapply", "link"),
    ("load=", "load"),
    ("m", "many"),
    ("max-args|maxargs|n=", "max_args"),
    ("max-chars|maxchars|s=", "max_chars"),
    (
        "max-line-length-allowed|maxlinelengthallowed",
        "max_line_length_allowed",
    ),
    ("max-lines|maxlines|l", "max_lines"),
    ("max-procs|maxprocs|P=", "jobs"),
    ("max-replace-args|maxreplaceargs|N=", "max_replace_args"),
    ("memfree=", "memfree"),
    ("memsuspend=", "memsuspend"),
    ("min-version|minversion=", "minversion"),
    ("nice=", "nice"),
    ("no-ctrl-c|no-ctrlc|noctrlc", "ctrl_c"),
    ("no-keep-order|nokeeporder|nok|no-k", "no_keep_order"),
    ("no-run-if-empty|norunifempty|r", "no_run_if_empty"),
    ("nonall", "nonall"),
    ("noswap", "noswap"),
    ("null|0", "null"),
    ("number-of-cores|numberofcores", "number_of_cpus"),
    ("number-of-cpus|numberofcpus", "number_of_cpus"),
    ("number-of-sockets|numberofsockets", "number_of_cpus"),
    ("number-of-threads|numberofthreads", "number_of_cpus"),
    ("onall", "onall"),
    ("open-tty|o", ""),
    ("output-as-files|outputasfiles|files", "files"),
    ("parens=", "parens"),
    ("pipe-part|pipepart", "pipepart"),
    ("pipe|spreadstdin", "pipe"),
    ("plain", "plain"),
    ("plus", "plus"),
    ("process-slot-var|processslotvar=", "process_slot_var"),
    ("profile|J=", "profile"),
    ("progress", "progress"),
    ("quote|q", "quote"),
    ("recend=", "recend"),
    ("recordenv|record-env", ""),
    ("recstart=", "recstart"),
    ("regexp|regex", "regexp"),
    ("remove-rec-sep|removerecsep|rrs", "remove_rec_sep"),
    ("replace|i", "replace"),
    ("results|result|res=", "results"),
    ("resume", "resume"),
    ("resume-failed|resumefailed", "resume_failed"),
    ("retries=", "retries"),
    ("retry-failed|retryfailed", "retry_failed"),
    ("return=", "transferfile"),
    ("round-robin|roundrobin|round", "round_robin"),
    ("rpl=", "rpl"),
    ("rsync-opts|rsyncopts=", ""),
    ("semaphore", "semaphore"),
    ("semaphore-name|semaphorename|id=", "id"),
    ("semaphore-timeout|semaphoretimeout|st=", "semaphoretimeout"),
    ("seqreplace=", "seqreplace"),
    ("session", ""),
    ("shard=", "shard"),
    ("shebang|hashbang", ""),
    ("shell-completion|shellcompletion=", "generate"),
    ("shell-quote|shellquote|shell_quote", "shellquote"),
    ("show-limits|showlimits", ""),
    ("shuf", "shuf"),
    ("silent", "silent"),
    ("skip-first-line|skipfirstline", "skip_first_line"),
    ("slotreplace=", "slotreplace"),
    ("sql-and-worker|sqlandworker=", ""),
    ("sql-master|sqlmaster=", ""),
    ("sql-worker|sqlworker=", ""),
    ("sql=", ""),
    ("ssh-delay|sshdelay=", ""),
    ("ssh=", ""),
    ("sshloginfile|slf=", ""),
    ("sshlogin|S=", "sshlogin"),
    ("tag", "tag"),
    ("tag-string|tagstring=", "tagstring"),
    ("tee", "tee"),
    ("template|tmpl=", "tmpl"),
    ("term-seq|termseq=", "termseq"),
    ("timeout=", "timeout"),
    ("tmpdir|tempdir=", "tmpdir"),
    ("tmux", ""),
    ("tmux-pane|tmuxpane", ""),
    ("tollef", ""),
    ("total-jobs|totaljobs|total=", "total_jobs"),
    ("transfer", "transfer"),
    (
        "transfer-file|transferfile|transfer-files|transferfiles|tf=",
        "transferfile",
    ),
    ("trc=", "transferfile"),
    ("trim=", "trim"),
    ("tty", "tty"),
    ("ungroup|u", "ungroup"),
    (
        "use-compress-program|compress-program|usecompressprogram|compressprogram=",
        "compress_program",
    ),
    (
        "use-cores-instead-of-threads|usecoresinsteadofthreads",
        "use_cpus",
    ),
    (
        "use-cpus-instead-of-cores|usecpusinsteadofcores",
        "use_cpus",
    ),
    (
        "use-decompress-program|decompress-program|usedecompressprogram|decompressprogram=",
        "compress_program",
    ),
    (
        "use-sockets-instead-of-threads|usesocketsinsteadofthreads",
        "use_cpus",
    ),
    ("v", "show_command"),
    ("verbose|t", "show_start"),
    ("version|V", "version"),
    ("wait", "wait"),
    ("will-cite|willcite|nn|nonotice|no-notice", "will_cite"),
    ("work-dir|workdir|wd=", "workdir"),
    ("xargs", "xargs"),
];

/// Values that the options understand that do not take just any.
const VALUES: [(&str, &str); 6] = [
    ("halt", "never"),
    ("header", ":"),
    ("sshlogin", ":"),
    ("termseq", "TERM,200"),
    ("trim", "n"),
    ("generate", "bash"),
];

fn names(option: &str) -> Vec<&str> {
    option.trim_end_matches('=').split('|').collect()
}

/// The option that the words set, the error's kind if they are refused.
fn meaning(command: &mut Command, words: Vec<OsString>) -> Result<String, ErrorKind> {
    let matches = matches(command, words).map_err(|error| error.kind())?;
    let typed = |id: &&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    let ids = matches.ids().map(clap::Id::as_str).filter(typed);
    let ids: Vec<&str> = ids.filter(|id| !["command", "Cli"].contains(id)).collect();
    Ok(ids.join(" "))
}

#[track_caller]
fn check(command: &mut Command, typed: &str, option: &str, id: &str) -> Result<(), ErrorKind> {
    let value = VALUES.iter().find(|(known, _)| *known == id);
    let value = value.map_or("1", |(_, value)| value);
    let mut words = vec![OsString::from("prun"), OsString::from(typed)];
    words.extend(option.ends_with('=').then(|| value.into()));
    let found = match meaning(command, words) {
        Err(ErrorKind::DisplayHelp) => "help".to_owned(),
        Err(ErrorKind::DisplayVersion) => "version".to_owned(),
        Err(kind) => return Err(kind),
        Ok(found) => found,
    };
    assert_eq!(found, id, "{typed} is {option}");
    Ok(())
}

#[test]
fn other_spellings_are_found_by_their_option() {
    assert!(SPELLINGS.is_sorted_by_key(|(id, _)| id));
    let command = command();
    for (id, names) in SPELLINGS {
        let mut options = command.get_arguments();
        let option = options.find(|option| option.get_id() == id).expect(id);
        let aliases = option.get_all_aliases().unwrap_or_default();
        assert!(names.iter().all(|name| aliases.contains(name)), "{id}");
    }
}

#[test]
fn a_word_of_the_command_does_not_change_how_options_are_read() {
    let header = |words: &[&str]| read(words.iter().copied()).unwrap().input.header;
    assert_eq!(
        header(&["prun", "--gnu", "--header", "2", "cmd"]).as_deref(),
        Some(":")
    );
    let own = read(["prun", "--header", "2", "cmd"]).map(|cli| cli.input.header);
    let same = read(["prun", "--header", "2", "cmd", "--gnu"]).map(|cli| cli.input.header);
    assert_eq!(own.ok(), same.ok());
    assert!(read(["prun", "-i", "{}", "cmd", "--gnu"]).is_err());
    assert!(read(["parallel", "-i", "{}", "cmd"]).is_ok());
}

#[test]
fn a_name_of_gnu_parallel_is_that_option_or_is_refused() {
    let mut command = gnu_command();
    for (option, id) in GNU {
        for name in names(option) {
            let typed = match name.len() {
                1 => format!("-{name}"),
                _ => format!("--{name}"),
            };
            let result = check(&mut command, &typed, option, id);
            assert_eq!(result.is_ok(), !id.is_empty(), "{typed}: {result:?}");
        }
    }
}

#[test]
fn an_abbreviation_of_gnu_parallel_is_that_option_or_is_refused() {
    let mut command = gnu_command();
    let all: Vec<&str> = GNU.iter().flat_map(|(option, _)| names(option)).collect();
    for (option, id) in GNU {
        for name in names(option) {
            for length in 2..name.len() {
                let short = &name[..length];
                let owners = GNU
                    .iter()
                    .filter(|(option, _)| names(option).iter().any(|name| name.starts_with(short)));
                if owners.count() == 1 && !all.contains(&short) {
                    let _ = check(&mut command, &format!("--{short}"), option, id);
                }
            }
        }
    }
}

#[test]
fn what_may_have_a_value_takes_it_as_gnu_parallel_does() {
    let read = |line: &str| read(line.split(' ')).expect("all of it is known");
    assert_eq!(read("parallel -l echo a").input.max_lines, Some(1));
    assert_eq!(read("parallel -l echo a").command, ["echo", "a"]);
    assert_eq!(read("parallel -l 3 echo").input.max_lines, Some(3));
    assert_eq!(read("parallel -l3 echo").input.max_lines, Some(3));
    for line in [
        "parallel -i+ cp",
        "parallel -i + cp",
        "parallel --replace + cp",
        "parallel --replace=+ cp",
    ] {
        assert_eq!(read(line).template.replace, Some("+".into()), "{line}");
        assert_eq!(read(line).command, ["cp"], "{line}");
    }
    assert_eq!(
        read("parallel -i -k cp").template.replace,
        Some("{}".into())
    );
    assert_eq!(read("prun --replace + cp").command, ["+", "cp"]);
    assert_eq!(read("parallel -eEND cp").input.eof, Some("END".into()));
    assert_eq!(read("parallel -e END cp").command, ["cp"]);
}
