//! Shorthands of `--plus`.

use super::shorthand::Shorthand;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagBrackets {
    /// `{...}`
    Braces,
    /// `<...>`. A parameter has no blanks in it there, and what begins with a slash and
    /// has parameters is left out: `</a/b>` is a redirection in a shell.
    Angles,
}

/// Tags without their brackets, and what they stand for. `[^}]` is anything but what
/// closes the tag; `$$?1` is a pattern that takes as little as it can.
const PLUS: [(&str, &str); 31] = [
    // The parts that the plain forms cut off.
    ("+/", r"$_ = m{(.*)/}s ? $1 : ''"),
    ("+.", r"$_ = m{.*\.(.*)}s ? $1 : ''"),
    ("+..", r"$_ = m{\.([^/.]*\.[^/.]*)$} ? $1 : ''"),
    ("+...", r"$_ = m{\.([^/.]*\.[^/.]*\.[^/.]*)$} ? $1 : ''"),
    // Without two or three extensions.
    ("..", r"s{\.[^/.]*\.[^/.]*$}{}"),
    ("...", r"s{\.[^/.]*\.[^/.]*\.[^/.]*$}{}"),
    ("/..", r"s{.*/}{}s; s{\.[^/.]*\.[^/.]*$}{}"),
    ("/...", r"s{.*/}{}s; s{\.[^/.]*\.[^/.]*\.[^/.]*$}{}"),
    // The job.
    ("##", "1 $_ = total_jobs()"),
    ("0#", "1 $_ = sprintf('%0*d', length(total_jobs()), seq())"),
    ("0%", "1 $_ = sprintf('%0*d', length(slots()), slot())"),
    ("slot", "1 $_ = slot()"),
    ("host", "1 $_ = ':'"),
    ("sshlogin", "1 $_ = ':'"),
    // Combinations that are left out.
    ("choose_k", "skip() unless ascending(@arg[1..$#arg])"),
    ("uniq", "skip() unless distinct(@arg[1..$#arg])"),
    // Parameter expansion of bash.
    (":-([^}]+?)", "$_ ||= $$1"),
    (r":(\d+?)", "$_ = substr($_, $$1)"),
    (r":(\d+?):(\d+?)", "$_ = substr($_, $$1, $$2)"),
    ("#([^#}][^}]*?)", "s/^(?:$$?1)//"),
    ("##([^#}][^}]*?)", "s/^(?:$$1)//"),
    ("%([^}]+?)", "s/^((?s:.*))(?:$$?1)$/$1/"),
    ("%%([^}]+?)", "s/(?:$$1)$//"),
    ("^([^}]+?)", r"s/^(?:$$1)/\U$&/"),
    ("^^([^}]+?)", r"s/(?:$$1)/\U$&/g"),
    (",([^}]+?)", r"s/^(?:$$1)/\L$&/"),
    (",,([^}]+?)", r"s/(?:$$1)/\L$&/g"),
    ("/([^#%}/]+?)/([^}]*?)", "s/$$1/$$2/"),
    ("//([^}]+?)/([^}]*?)", "s/$$1/$$2/g"),
    ("/#([^}]+?)/([^}]*?)", "s/^(?:$$1)/$$2/"),
    ("/%([^}]+?)/([^}]*?)", "s/(?:$$1)$/$$2/"),
];

impl Shorthand {
    /// `--plus`: all of the table, in those brackets.
    pub(crate) fn plus(brackets: TagBrackets) -> Vec<Shorthand> {
        let lines = PLUS.iter().filter_map(|(tag, expression)| match brackets {
            TagBrackets::Braces => Some(format!("{{{tag}}} {expression}")),
            TagBrackets::Angles if tag.starts_with('/') && tag.contains('(') => None,
            TagBrackets::Angles => {
                let tag = tag.replace("^#}", "^#>\\s").replace("^}", "^>\\s");
                Some(format!("<{tag}> {expression}"))
            }
        });
        lines
            .map(|line| Shorthand::parse(line.as_bytes()).expect("the table is right"))
            .collect()
    }
}
