//! Words that mean something only to a shell. The tables do not depend on the
//! machine: a command runs the same way everywhere.

/// Built-in commands that have no program of the same meaning.
const BUILTINS: [&[u8]; 62] = [
    b".",
    b":",
    b"alias",
    b"autoload",
    b"bg",
    b"bind",
    b"break",
    b"builtin",
    b"caller",
    b"cd",
    b"chdir",
    b"command",
    b"compgen",
    b"complete",
    b"compopt",
    b"continue",
    b"declare",
    b"dirs",
    b"disown",
    b"emulate",
    b"enable",
    b"eval",
    b"exec",
    b"exit",
    b"export",
    b"fc",
    b"fg",
    b"getopts",
    b"hash",
    b"history",
    b"jobs",
    b"kill",
    b"let",
    b"local",
    b"logout",
    b"mapfile",
    b"popd",
    b"print",
    b"pushd",
    b"pwd",
    b"read",
    b"readarray",
    b"readonly",
    b"return",
    b"set",
    b"setopt",
    b"shift",
    b"shopt",
    b"source",
    b"suspend",
    b"time",
    b"times",
    b"trap",
    b"type",
    b"typeset",
    b"ulimit",
    b"umask",
    b"unalias",
    b"unset",
    b"wait",
    b"whence",
    b"where",
];

/// Tokens that a shell reads as operators wherever they stand alone.
const OPERATORS: [&[u8]; 20] = [
    b"|", b"||", b"|&", b"&", b"&&", b";", b";;", b";&", b"(", b")", b"<", b"<<", b"<<<", b"<&",
    b">", b">>", b">|", b">&", b"&>", b"&>>",
];

/// Tells whether a keyword ends a list of commands, and is known behind a compound command.
pub(crate) fn ends_commands(word: &[u8]) -> bool {
    let keywords: [&[u8]; 8] = [
        b"}", b"fi", b"done", b"esac", b"then", b"do", b"else", b"elif",
    ];
    keywords.contains(&word)
}

/// Tells whether only a shell has the command `word`.
pub(crate) fn is_builtin(word: &[u8]) -> bool {
    BUILTINS.contains(&word)
}

/// Tells whether `word` alone is an operator: `|`, `>>`, `2>`, `2>&1`.
pub(crate) fn is_operator(word: &[u8]) -> bool {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let operator = &word[digits..];
    if digits > 0 && !matches!(operator.first(), Some(b'<' | b'>')) {
        return false;
    }
    OPERATORS.contains(&operator) || is_duplication(operator)
}

/// The length of the operator that `word` begins with, 0 if there is none: `2>` in `2>out`.
/// Parentheses are left out: they begin patterns more often than subshells.
pub(crate) fn operator_length(word: &[u8]) -> usize {
    let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = &word[digits..];
    if digits > 0 && !matches!(rest.first(), Some(b'<' | b'>')) {
        return 0;
    }
    let known = OPERATORS
        .iter()
        .filter(|operator| rest.starts_with(operator));
    let lengths = known.filter(|operator| !matches!(operator, [b'(' | b')']));
    lengths
        .map(|operator| operator.len())
        .max()
        .map_or(0, |length| digits + length)
}

/// `>&1`, `<&0`, `>&-`: a redirection that is complete in one word.
fn is_duplication(operator: &[u8]) -> bool {
    match operator {
        [b'<' | b'>', b'&', b'-'] => true,
        [b'<' | b'>', b'&', target @ ..] => {
            !target.is_empty() && target.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// The length of the shell name that `text` begins with, 0 if there is none.
pub(crate) fn name_length(text: &[u8]) -> usize {
    if text.first().is_some_and(u8::is_ascii_digit) {
        return 0;
    }
    text.iter()
        .take_while(|&&byte| byte.is_ascii_alphanumeric() || byte == b'_')
        .count()
}

/// The length of the name in `NAME=value`.
pub(crate) fn assigned_name(word: &[u8]) -> Option<usize> {
    let length = name_length(word);
    (length > 0 && word.get(length) == Some(&b'=')).then_some(length)
}

/// The length of the name in `NAME=value` and `NAME+=value`.
pub(crate) fn extended_name(word: &[u8]) -> Option<usize> {
    let length = name_length(word);
    let sets = matches!(word[length..], [b'=', ..] | [b'+', b'=', ..]);
    (length > 0 && sets).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::is_keyword;

    #[test]
    fn operators_are_whole_words() {
        for word in [
            "|", "2>", "2>&1", "&>", "|&", ">&-", "12<", ";;", "(", "<<<",
        ] {
            assert!(is_operator(word.as_bytes()), "{word}");
        }
        for word in [
            "", "2", "2|", "a>", ">x", "->", "=>", "<>", "&>1", ">&x", "{", "!",
        ] {
            assert!(!is_operator(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn programs_of_the_same_meaning_run_directly() {
        for word in [
            "echo", "printf", "test", "[", "true", "false", "env", "gzip",
        ] {
            assert!(
                !is_builtin(word.as_bytes()) && !is_keyword(word.as_bytes()),
                "{word}"
            );
        }
    }

    #[test]
    fn names_of_variables() {
        assert_eq!(assigned_name(b"A_1=x"), Some(3));
        assert_eq!(assigned_name(b"1A=x"), None);
        assert_eq!(assigned_name(b"=x"), None);
        assert_eq!(assigned_name(b"--o=x"), None);
    }
}
