//! Other spellings of options, most of them GNU parallel's: they are understood, and not
//! shown in the help.

use clap::error::Error;
use clap::{Command, CommandFactory, FromArgMatches};

use super::flags::Cli;

/// Options by their identifiers, and what else they are called.
const SPELLINGS: [(&str, &[&str]); 34] = [
    ("arg_file_sep", &["argfilesep"]),
    ("arg_sep", &["argsep"]),
    ("basenameextensionreplace", &["bner"]),
    ("basenamereplace", &["bnr"]),
    ("color", &["colour"]),
    (
        "color_failed",
        &[
            "cf",
            "color-fail",
            "colorfail",
            "colorfailed",
            "colour-fail",
            "colour-failed",
            "colourfail",
            "colourfailed",
        ],
    ),
    (
        "compress_program",
        &[
            "compressprogram",
            "decompress-program",
            "decompressprogram",
            "use-compress-program",
            "usecompressprogram",
            "use-decompress-program",
            "usedecompressprogram",
        ],
    ),
    ("ctagstring", &["ctag-string"]),
    ("dirnamereplace", &["dnr"]),
    ("dry_run", &["dryrun", "dr"]),
    ("extensionreplace", &["er"]),
    ("generate", &["shell-completion"]),
    ("halt", &["halt-on-error"]),
    ("joblog", &["jl"]),
    ("jobs", &["max-procs"]),
    ("keep_order", &["keeporder"]),
    ("latest_line", &["latestline"]),
    (
        "line_buffer",
        &["line-buffered", "linebuffer", "linebuffered"],
    ),
    ("link", &["xapply"]),
    ("no_keep_order", &["nokeeporder", "nok", "no-k"]),
    (
        "number_of_cpus",
        &[
            "numberofcpus",
            "number-of-cores",
            "numberofcores",
            "number-of-threads",
            "numberofthreads",
            "number-of-sockets",
            "numberofsockets",
        ],
    ),
    ("results", &["result", "res"]),
    ("resume_failed", &["resumefailed"]),
    ("retry_failed", &["retryfailed"]),
    ("shellquote", &["shell-quote"]),
    ("tagstring", &["tag-string"]),
    ("termseq", &["term-seq"]),
    ("tmpdir", &["tempdir"]),
    ("tmpl", &["template"]),
    ("total_jobs", &["totaljobs", "total"]),
    (
        "transferfile",
        &[
            "tf",
            "transfer-file",
            "transfer-files",
            "transferfiles",
            "return",
            "trc",
            "basefile",
            "bf",
        ],
    ),
    (
        "use_cpus",
        &[
            "use-cores-instead-of-threads",
            "usecoresinsteadofthreads",
            "use-sockets-instead-of-threads",
            "usesocketsinsteadofthreads",
            "usecpusinsteadofcores",
        ],
    ),
    ("will_cite", &["nn", "no-notice", "nonotice", "willcite"]),
    ("workdir", &["workdir", "work-dir"]),
];

/// The command line as clap knows it.
pub(super) fn command() -> Command {
    SPELLINGS
        .iter()
        .fold(Cli::command(), |command, (id, names)| {
            command.mut_arg(id, |arg| arg.aliases(names.iter().copied()))
        })
}

/// Reads words, the program's name included.
pub(super) fn read<W: Into<std::ffi::OsString> + Clone>(
    words: impl IntoIterator<Item = W>,
) -> Result<Cli, Error> {
    let mut command = command();
    let mut matches = command.try_get_matches_from_mut(words)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}
