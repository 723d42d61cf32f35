//! Commands in logs: each on one line, and such that the command can be read back.

use crate::job::Job;
use crate::template::{self, CommandTemplate};

/// The command of a job as a log has it. One that must not be run as text is withheld, as one
/// that was `refused` is.
pub(super) fn logged_command(
    template: &CommandTemplate,
    job: &Job,
    slot: usize,
    refused: bool,
) -> Vec<u8> {
    let place = template.position(job.seq, slot);
    let mut command = Vec::new();
    template.show(&job.row, place, &mut command);
    if refused || !template.is_readable(&job.row, place) {
        return template::withhold(&command);
    }
    command
}

/// Appends a command so that it stays on its line and can be read back: one with
/// control bytes, or one that looks as if it had been changed by this, is written as
/// one `$'...'` word.
pub(super) fn push_field(command: &[u8], line: &mut Vec<u8>) {
    if !must_be_quoted(command) {
        line.extend_from_slice(command);
        return;
    }
    line.extend_from_slice(b"$'");
    template::push_escaped(command, line);
    line.push(b'\'');
}

/// The command as text, in which it can be read back: bytes that are no part of UTF-8 make it one
/// `$'...'` word, too.
pub(super) fn command_text(command: &[u8]) -> String {
    match std::str::from_utf8(command) {
        Ok(text) if !must_be_quoted(command) => text.to_owned(),
        _ => quoted_text(command),
    }
}

fn quoted_text(command: &[u8]) -> String {
    let mut text = "$'".to_owned();
    for chunk in command.utf8_chunks() {
        let mut valid = Vec::new();
        template::push_escaped(chunk.valid().as_bytes(), &mut valid);
        text.push_str(&String::from_utf8_lossy(&valid));
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02x}"));
        }
    }
    text.push('\'');
    text
}

fn must_be_quoted(command: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < b' ' || *byte == 0x7f;
    command.iter().any(is_control) || command.starts_with(b"$'")
}

/// The command that [`push_field`] wrote. GNU parallel writes a newline as a NUL byte, and
/// everything else as it is.
pub(super) fn command_of(field: &[u8]) -> Vec<u8> {
    let quoted = field.strip_prefix(b"$'");
    let body = quoted.and_then(|field| field.strip_suffix(b"'"));
    body.and_then(template::unescaped).unwrap_or_else(|| {
        let plain = |&byte: &u8| if byte == 0 { b'\n' } else { byte };
        field.iter().map(plain).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(command: &[u8]) -> Vec<u8> {
        let mut line = Vec::new();
        push_field(command, &mut line);
        line
    }

    #[test]
    fn a_command_stays_on_its_line() {
        assert_eq!(field(b"echo 'a b'"), b"echo 'a b'");
        assert_eq!(field(b"echo a\nb"), b"$'echo a\\nb'");
        assert_eq!(field(b"it's\t\x1b\\"), b"$'it\\x27s\\t\\x1b\\\\'");
        assert_eq!(field(b"$'a\\nb'"), b"$'$\\x27a\\\\nb\\x27'");
    }

    #[test]
    fn the_fields_of_gnu_parallel_are_understood() {
        assert_eq!(command_of(b"echo 'a\0b'\tc"), b"echo 'a\nb'\tc");
        // A whole word in such quotes would have been quoted again.
        assert_eq!(command_of(b"$'a' b'"), b"$'a' b'");
        assert_eq!(command_of(b"$'\\q'"), b"$'\\q'");
    }

    proptest::proptest! {
        #[test]
        fn every_command_is_read_back(
            command in proptest::collection::vec(1u8.., 0..20),
            quoted in "[$]?'?[a\\\\x0-9n']{0,6}'?",
        ) {
            proptest::prop_assert_eq!(command_of(&field(&command)), command);
            let quoted = quoted.as_bytes();
            proptest::prop_assert_eq!(command_of(&field(quoted)), quoted);
        }
    }

    /// The texts as bash reads them: one that is a word is a command's text, quoted.
    fn read_by_bash(texts: &[String]) -> Option<Vec<u8>> {
        let script = "for text; do case $text in \\$\\'*) eval \"text=$text\";; esac; printf '%s\\0' \"$text\"; done";
        let mut bash = std::process::Command::new("bash");
        let bash = bash.env("LC_ALL", "C").args(["-c", script, "bash"]);
        Some(bash.args(texts).output().ok()?.stdout)
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

        #[test]
        fn bash_reads_every_text_back(
            commands in proptest::collection::vec(proptest::collection::vec(1u8.., 0..20), 20),
            quoted in "[$]?'?[a\\\\x0-9n'é]{0,6}'?",
        ) {
            let mut commands = commands;
            commands.push(quoted.into_bytes());
            let texts: Vec<String> = commands.iter().map(|command| command_text(command)).collect();
            if let Some(read) = read_by_bash(&texts) {
                let expected: Vec<u8> = commands.iter().flat_map(|command| [command, &b"\0"[..]].concat()).collect();
                proptest::prop_assert_eq!(read, expected);
            }
        }
    }
}
