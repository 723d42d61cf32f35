//! Flow of values from one command to the next: through pipes, files, functions.

use std::ops::Range;

use crate::placeholder::TemplateWord;
use crate::shell::injection::program_words::{file_name, program_position};
use crate::shell::injection::table;
use crate::shell::lex::{CommandContext, ListOperator, Redirection};

use super::{Taint, TaintedLine, plain_path};

impl TaintedLine<'_> {
    /// Files that commands write, with the taint of each.
    pub(super) fn written(&self) -> Vec<(Vec<u8>, Taint)> {
        let mut written = Vec::new();
        for (at, words) in self.line.commands.iter().enumerate() {
            let printed = self.flow.outputs[at];
            let context = self.line.contexts.get(at).map(output_files);
            let files = context.into_iter().flatten().chain(copies(words));
            written.extend(files.map(|file| (self.file_key(file), printed)));
            written.extend(self.moved(words));
        }
        for group in &self.line.groups {
            let printed = self.printed_by(group.commands.clone());
            let files = output_files(&group.context);
            written.extend(files.map(|file| (self.file_key(file), printed)));
        }
        for join in &self.line.joins {
            let mut contexts = self.line.contexts.iter();
            let command = contexts.rposition(|context| context.start <= join.at);
            let printed = command.map_or(Taint::No, |at| self.flow.outputs[at]);
            let file = &self.text[join.at..join.end];
            let is_operator = |byte: &u8| b"&> \t\"'".contains(byte);
            let start = file.iter().position(|byte| !is_operator(byte));
            let end = file.iter().rposition(|byte| !is_operator(byte));
            if let (Some(start), Some(end)) = (start, end) {
                written.push((plain_path(&file[start..=end]).to_vec(), printed));
            }
        }
        written.retain(|(_, taint_of)| *taint_of != Taint::No);
        written
    }

    /// `cp s t`, `mv s t`
    fn moved(&self, words: &[TemplateWord]) -> Option<(Vec<u8>, Taint)> {
        let start = program_position(words)?;
        let (to, from) = words[start + 1..].split_last()?;
        let taint_of = from.iter().map(|word| self.written_to(word)).max()?;
        let moves = matches!(file_name(&words[start]), "cp" | "mv" | "ln" | "install");
        moves.then(|| (self.file_key(to), taint_of))
    }

    /// Tells whether a command in a substitution prints a value. Nested substitutions
    /// count.
    pub(crate) fn prints_value(&self, range: &Range<usize>) -> bool {
        let contexts = self.line.contexts.iter().enumerate();
        let mut inside = contexts.filter(|(_, context)| range.contains(&context.start));
        inside.any(|(at, _)| self.passed_on(at) != Taint::No)
    }

    /// Tells whether a substitution gives numbers alone: `$(wc -l <"$f")`, `$(stat -c %s
    /// "$f")`.
    pub(super) fn counts(&self, range: &Range<usize>) -> bool {
        let contexts = self.line.contexts.iter().zip(&self.line.commands);
        let last = contexts.filter(|(context, _)| {
            range.contains(&context.start) && context.operator != ListOperator::Pipe
        });
        let mut last = last.map(|(_, words)| words).peekable();
        last.peek().is_some() && last.all(|words| self.prints_number(words))
    }

    fn prints_number(&self, words: &[TemplateWord]) -> bool {
        let (Some(name), arguments) = (words.first(), words.get(1..).unwrap_or_default()) else {
            return false;
        };
        let is_named = |text: &[u8]| text.windows(2).any(|two| matches!(two, b"%n" | b"%N"));
        match file_name(name) {
            // It prints the names of files, too.
            "wc" => !arguments.iter().any(|word| self.has_value(word)),
            "stat" => match arguments {
                [option, format, ..] if option.fixed() == Some(b"-c") => {
                    format.fixed().is_some_and(|format| !is_named(format))
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// Output of a command that goes neither to another one nor to a file.
    fn passed_on(&self, at: usize) -> Taint {
        match self.line.contexts.get(at) {
            Some(context) if context.operator == ListOperator::Pipe => Taint::No,
            Some(context) if output_file(context).is_some() => Taint::No,
            _ => self.flow.outputs[at],
        }
    }

    fn printed_by(&self, commands: Range<usize>) -> Taint {
        let printed = commands.map(|at| self.passed_on(at));
        printed.max().unwrap_or(Taint::No)
    }

    /// Standard input of a command.
    pub(crate) fn input(&self, at: usize) -> Taint {
        self.flow.inputs[at]
    }

    /// Standard input of a command, from the flow so far.
    pub(super) fn reads(&self, at: usize) -> Taint {
        let Some(context) = self.line.contexts.get(at) else {
            return Taint::No;
        };
        let own = self.redirected_input(context).max(self.piped_to(at));
        let groups = self.line.groups.iter();
        let groups = groups.filter(|group| group.commands.contains(&at));
        let around = groups.map(|group| {
            let piped = self.piped_to(group.commands.start);
            self.redirected_input(&group.context).max(piped)
        });
        let functions = self.line.functions.iter();
        let functions = functions.filter(|function| function.body.contains(&at));
        let called = functions.flat_map(|function| {
            let calls = self.line.commands.iter().enumerate();
            calls.filter_map(|(at, words)| {
                let name = &words[program_position(words)?];
                (name.fixed() == Some(&function.name)).then_some(self.flow.inputs[at])
            })
        });
        around.chain(called).fold(own, Taint::max)
    }

    /// Input from here-documents, here-strings and files.
    fn redirected_input(&self, context: &CommandContext) -> Taint {
        let here_texts = self.line.here_texts.iter();
        let here_texts = here_texts.filter(|(start, _)| *start == context.start);
        let carries = here_texts.map(|(_, word)| self.taint_of(word));
        let opened = context
            .redirections
            .iter()
            .map(|redirection| match redirection {
                Redirection::File { fd: 0, path, .. } if self.is_printed(path) => Taint::Inside,
                Redirection::File { fd: 0, path, .. } => self.written_to(path),
                _ => Taint::No,
            });
        carries.chain(opened).max().unwrap_or(Taint::No)
    }

    /// Input from a pipe.
    fn piped_to(&self, at: usize) -> Taint {
        let contexts = &self.line.contexts;
        let Some(start) = contexts.get(at).map(|context| context.start) else {
            return Taint::No;
        };
        // Those of substitutions in its words come before it, too.
        let mut earlier = (0..at).rev();
        let Some(before) = earlier.find(|&before| contexts[before].start < start) else {
            return Taint::No;
        };
        if contexts[before].operator == ListOperator::Pipe {
            return self.flow.outputs[before];
        }
        let groups = self.line.groups.iter().filter(|group| {
            let is_piped = group.context.operator == ListOperator::Pipe;
            is_piped && group.commands.end == before + 1 && group.context.start < start
        });
        let printed = groups.map(|group| self.printed_by(group.commands.clone()));
        printed.max().unwrap_or(Taint::No)
    }

    /// Output of a command, from the flow so far.
    pub(super) fn prints(&self, at: usize) -> Taint {
        let words = &self.line.commands[at];
        let Some(start) = program_position(words) else {
            return Taint::No;
        };
        let name = file_name(&words[start]);
        let arguments = &words[start + 1..];
        let input = self.flow.inputs[at];
        if let Some(body) = self.body(name.as_bytes()) {
            return self.printed_by(body);
        }
        if table::PRINTING.contains(&name) {
            let is_appended = words[..start].iter().any(|word| file_name(word) == "xargs");
            return match self.printed(name, arguments) {
                Taint::No if is_appended && input != Taint::No => Taint::Inside,
                printed => printed,
            };
        }
        if !table::PASSING.contains(&name) {
            return Taint::No;
        }
        let files = arguments.iter().map(|word| {
            if self.is_printed(word) {
                Taint::Inside
            } else {
                self.written_to(word)
            }
        });
        let passed = files.fold(input, Taint::max);
        let is_code = table::EDITING.contains(&name);
        let inside = |word: &TemplateWord| self.taint_of(word) == Taint::Inside;
        match passed {
            _ if is_code && arguments.iter().any(inside) => Taint::Inside,
            Taint::Whole if is_code => Taint::Inside,
            passed => passed,
        }
    }

    fn printed(&self, name: &str, arguments: &[TemplateWord]) -> Taint {
        let mut words = arguments;
        let mut alone = true;
        if name == "printf"
            && let Some((format, rest)) = arguments.split_first()
            && let Some(format) = format.fixed()
        {
            if memchr::memmem::find(format, b"%q").is_some() {
                return Taint::No;
            }
            alone = matches!(format, b"%s" | b"%s\\n" | b"%s\\0" | b"%b" | b"%b\\n");
            words = rest;
        }
        let is_option =
            |word: &&TemplateWord| word.head().starts_with(b"-") && word.fixed().is_some();
        let words: Vec<&TemplateWord> = words.iter().filter(|word| !is_option(word)).collect();
        let taint_of = words.iter().map(|word| self.taint_of(word)).max();
        let each_alone = name == "printf" || words.len() == 1;
        match taint_of.unwrap_or(Taint::No) {
            Taint::Whole if !alone || !each_alone => Taint::Inside,
            taint_of => taint_of,
        }
    }
}

/// The file that the output goes to.
fn output_file(context: &CommandContext) -> Option<&TemplateWord> {
    let mut redirections = context.redirections.iter().rev();
    redirections.find_map(|redirection| match redirection {
        Redirection::File { fd: 1, path, .. } => Some(path),
        _ => None,
    })
}

/// Files of output and of errors, which may be output: `>&2`.
fn output_files(context: &CommandContext) -> impl Iterator<Item = &TemplateWord> {
    let redirections = context.redirections.iter();
    redirections.filter_map(|redirection| match redirection {
        Redirection::File {
            fd: 1 | 2, path, ..
        } => Some(path),
        _ => None,
    })
}

/// The words of `tee`.
fn copies(words: &[TemplateWord]) -> &[TemplateWord] {
    match program_position(words) {
        Some(tee) if matches!(file_name(&words[tee]), "tee" | "sponge") => &words[tee + 1..],
        _ => &[],
    }
}
