//! A parsed command, ready to take values.

use memchr::memmem;

use crate::builtin::{self, CombinedResult};
use crate::error::Result;
use crate::expression::Expression;
use crate::input::Row;
use crate::input::row_settings::RowCommand;
use crate::placeholder::{
    ExpressionVerdict, JobPosition, Placeholder, RunContext, ValueError, plain,
};
use crate::quote::{self, QuotePolicy, QuoteStyle};

use super::command_text::{CommandText, TextOrSlot, ValueSlot};
use super::kind::{CommandKind, LineCommands};
use super::list::{JobWork, PreparedCommand};
use super::message::MessageTemplate;
use super::options::TemplateOptions;
use super::parse;
use super::parsed_command::ParsedCommand;
use super::row_templates::{RowTemplate, RowTemplates};
use super::size_estimate::CommandSize;

/// A parsed command, ready to take values.
#[derive(Debug)]
pub(crate) struct CommandTemplate {
    pub(super) kind: CommandKind,
    /// The command's text; none if each row is a line.
    pub(super) text: Option<CommandText>,
    /// Its placeholders that have expressions.
    pub(super) computed: Vec<Placeholder>,
    /// Placeholders whose values must be plain (`--plain-values`).
    pub(super) plain: Vec<Placeholder>,
    pub(super) plain_values: bool,
    warnings: Vec<String>,
    run: RunContext,
    /// Templates of rows that have commands of their own; none in one of these.
    of_rows: Option<Box<RowTemplates<CommandTemplate>>>,
    /// Message by which the command, which lives on, gets the values (`--worker`).
    pub(super) message: Option<MessageTemplate>,
}

impl CommandTemplate {
    /// Parses the command once for all jobs.
    ///
    /// # Errors
    /// What would be wrong for every job: a place where no value can stand, a
    /// source that does not exist, an operator among several words.
    pub(crate) fn parse(options: TemplateOptions) -> Result<CommandTemplate> {
        let of_rows = RowTemplates::new(&options, CommandTemplate::of);
        let plain_values = options.plain_values;
        let template = CommandTemplate::of(parse::compose(options)?, plain_values);
        Ok(CommandTemplate {
            of_rows: Some(Box::new(of_rows)),
            ..template
        })
    }

    /// The template of a command that was read.
    fn of(parsed: ParsedCommand, plain_values: bool) -> CommandTemplate {
        let ParsedCommand {
            kind,
            mut text,
            warnings,
        } = parsed;
        let slots = text.iter_mut().flat_map(CommandText::slots);
        let placeholders: Vec<Placeholder> = slots.map(|slot| slot.placeholder.clone()).collect();
        let is_computed = |placeholder: &&Placeholder| placeholder.expression().is_some();
        CommandTemplate {
            computed: placeholders.iter().filter(is_computed).cloned().collect(),
            plain: if plain_values {
                placeholders
            } else {
                Vec::new()
            },
            plain_values,
            kind,
            text,
            warnings,
            run: RunContext::default(),
            of_rows: None,
            message: None,
        }
    }

    /// Tells whether the command runs in a shell other than bash.
    pub(crate) fn needs_plain_shell(&self) -> bool {
        self.kind.shell().is_some_and(|shell| !shell.is_bash())
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.computed.iter().filter_map(Placeholder::expression)
    }

    /// The one result of all jobs, if they make one instead of output of their own.
    pub(crate) fn combined(&self) -> Option<CombinedResult> {
        self.kind.combined()
    }

    /// Tells whether all output goes through a built-in that combines it (`--total`).
    pub(crate) fn is_one_sum(&self) -> bool {
        self.kind.is_one_pipeline() && self.combined().is_some()
    }

    /// Tells whether a built-in is called, so that no shell can run the command.
    pub(crate) fn calls_builtins(&self) -> bool {
        self.kind.calls_builtins()
    }

    /// One built-in of prun's alone, which takes the values for its own arguments.
    pub(crate) fn is_one_builtin(&self) -> bool {
        matches!(self.kind, CommandKind::Call(_))
    }

    /// Tells whether an expression asks how many jobs there are.
    pub(crate) fn needs_total(&self) -> bool {
        self.expressions().any(Expression::needs_total)
    }

    /// Tells whether an expression may skip rows.
    pub(crate) fn can_skip(&self) -> bool {
        self.expressions().any(Expression::can_skip)
    }

    /// Tells whether an expression skips this row.
    pub(crate) fn skips(&self, row: &Row, position: JobPosition) -> bool {
        match self.of_row(row) {
            Some(Ok(own)) => return own.template.skips(&own.row, position),
            Some(Err(_)) => return false,
            None => {}
        }
        let mut computed = self.computed.iter();
        computed.any(|placeholder| placeholder.verdict(row, position) == ExpressionVerdict::Skip)
    }

    /// Template of the row's own command, if it has one and this is not it, with the values for
    /// it.
    #[inline]
    pub(super) fn of_row<'r>(
        &self,
        row: &'r Row,
    ) -> Option<std::result::Result<RowTemplate<'r, CommandTemplate>, ValueError>> {
        // Most runs have none, and a million rows.
        row.settings.as_ref()?;
        self.of_settings(row)
    }

    #[cold]
    fn of_settings<'r>(
        &self,
        row: &'r Row,
    ) -> Option<std::result::Result<RowTemplate<'r, CommandTemplate>, ValueError>> {
        let own = row.own_command()?;
        let of_rows = self.of_rows.as_ref()?;
        Some(of_rows.template(own, row))
    }

    pub(super) fn check(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> std::result::Result<(), ValueError> {
        for placeholder in &self.computed {
            if let ExpressionVerdict::Flaw(why) = placeholder.verdict(row, position) {
                return Err(ValueError(format!("input {}: {why}", position.seq)));
            }
        }
        plain::check(&self.plain, row, position)
    }

    /// From now on, commands can tell how many jobs there are.
    pub(crate) fn set_run(&mut self, run: RunContext) {
        self.run = run;
    }

    pub(crate) fn run(&self) -> RunContext {
        self.run
    }

    pub(crate) fn position(&self, seq: u64, slot: usize) -> JobPosition {
        JobPosition {
            seq,
            slot,
            run: self.run,
        }
    }

    /// Warnings to print before the first job starts. A text may have a second line, a
    /// hint.
    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// Descriptors that a job needs beside those of a single process, as far as is known
    /// before there are values.
    pub(crate) fn descriptors(&self) -> usize {
        self.kind.descriptors()
    }

    /// Size of the command, and of the values in it.
    pub(crate) fn size(&self) -> CommandSize {
        let nothing = CommandText::new(QuoteStyle::Portable);
        let text = self.text.as_ref().unwrap_or(&nothing);
        let mut size = text.size(self.kind.is_script());
        size.base += self.kind.shell().map_or(0, |shell| shell.definitions.len());
        size
    }

    /// The work of one job.
    ///
    /// # Errors
    /// The row has a value that no argument can hold, or that cannot stand where
    /// the template puts it.
    pub(crate) fn work(
        &self,
        row: &Row,
        position: JobPosition,
    ) -> std::result::Result<JobWork, ValueError> {
        if let Some(own) = self.of_row(row) {
            let own = own?;
            return own.template.work(&own.row, position);
        }
        self.check(row, position)?;
        if let Some(message) = &self.message {
            message.write(row, position, &mut Vec::new())?;
        }
        self.kind.work(row, position)
    }

    /// The same work as one command: a shell runs the pipelines of a `CommandList` from
    /// this one on.
    ///
    /// # Errors
    /// As [`CommandTemplate::work`].
    pub(crate) fn by_shell(
        &self,
        row: &Row,
        position: JobPosition,
        from: usize,
    ) -> std::result::Result<PreparedCommand, ValueError> {
        match self.of_row(row) {
            Some(own) => own.and_then(|own| own.template.by_shell(&own.row, position, from)),
            None => self.kind.by_shell(row, position, from),
        }
    }

    /// Tells whether values stand in the command: not the number of the job alone, nor lines
    /// that are commands themselves.
    pub(crate) fn has_values(&self) -> bool {
        self.shows(Placeholder::is_value)
    }

    /// Tells whether the command's text depends on the slot.
    pub(crate) fn shows_slot(&self) -> bool {
        self.shows(Placeholder::is_slot)
    }

    /// Tells whether the command's text depends on the number of the job.
    pub(crate) fn shows_seq(&self) -> bool {
        self.shows(Placeholder::is_seq)
    }

    fn shows(&self, is: impl Fn(&Placeholder) -> bool) -> bool {
        let mut sent = self.message.iter().flat_map(MessageTemplate::placeholders);
        let text = self.text.as_ref();
        sent.any(&is) || text.is_some_and(|text| text.shows(is))
    }

    /// Tells whether a command, as [`CommandTemplate::show`] writes it, could be one of
    /// this template with some values or other.
    pub(crate) fn fits(&self, command: &[u8]) -> bool {
        if let Some(message) = &self.message {
            return message.fits(command, &self.shown_worker());
        }
        let text = self.text.as_ref();
        text.is_none_or(|text| text.fits(command))
    }

    /// The command with `<>` wherever a value goes.
    pub(crate) fn generic_text(&self) -> Vec<u8> {
        if let Some(message) = &self.message {
            return [message.generic_text(), self.shown_worker()].concat();
        }
        let text = self.text.as_ref();
        text.map_or_else(|| b"<>".to_vec(), CommandText::generic_text)
    }

    /// Tells whether every value of a row stands in the command of
    /// [`CommandTemplate::show`], quoted or as it is.
    pub(crate) fn shows_values(&self, row: &Row, command: &[u8]) -> bool {
        if let Some(RowCommand::Line(_) | RowCommand::Argv(_)) = row.own_command() {
            return row.values.is_empty();
        }
        row.values.iter().all(|value| {
            let mut quoted = Vec::new();
            quote::push_quoted(
                value,
                QuoteStyle::Readable,
                QuotePolicy::Always,
                &mut quoted,
            );
            [value, &quoted]
                .iter()
                .any(|text| memmem::find(command, text).is_some())
        })
    }

    /// The command as one word, quoted so many times.
    pub(crate) fn quote(&self, row: &Row, position: JobPosition, times: u8) -> Vec<u8> {
        if let Some(Ok(own)) = self.of_row(row) {
            return own.template.quote(&own.row, position, times);
        }
        let style = match &self.text {
            Some(text) if text.style == QuoteStyle::Gnu => QuoteStyle::Gnu,
            _ => QuoteStyle::Portable,
        };
        let mut text = Vec::new();
        self.show(row, position, &mut text);
        for _ in 0..times {
            let inner = std::mem::take(&mut text);
            quote::push_quoted(&inner, style, QuotePolicy::Always, &mut text);
        }
        text
    }

    /// Tells whether the command's text, read as a command, does the same as the job. In a
    /// job that no shell runs, a value may be the name of something that a shell or prun
    /// has itself; to a built-in, a value is never an option.
    pub(crate) fn is_readable(&self, row: &Row, position: JobPosition) -> bool {
        match self.of_row(row) {
            Some(Ok(own)) => return own.template.is_readable(&own.row, position),
            Some(Err(_)) => return false,
            None => {}
        }
        let is_read = |slot: &ValueSlot| match self.kind {
            CommandKind::Call(_) | CommandKind::Inside(_) => !slot.begins_with(b'-', row, position),
            _ => {
                slot.quote_policy != QuotePolicy::UnlessKeyword
                    || !slot.begins_with(builtin::MARK, row, position)
            }
        };
        let is_named = match &self.kind {
            CommandKind::Direct(direct) => direct.is_program(row, position),
            _ => true,
        };
        let mut readable = true;
        if let Some(text) = &self.text {
            text.each_piece(row.values.len(), |piece| match piece {
                TextOrSlot::Text(_) => {}
                TextOrSlot::Slot(slot) => readable = readable && is_read(slot),
            });
        }
        is_named && readable
    }

    /// Appends the command as a person would type it, values quoted.
    pub(crate) fn show(&self, row: &Row, position: JobPosition, out: &mut Vec<u8>) {
        match self.of_row(row) {
            Some(Ok(own)) => return own.template.show(&own.row, position, out),
            Some(Err(_)) => {
                let text = row.own_command().map(RowCommand::plain_text);
                return out.extend_from_slice(&text.unwrap_or_default());
            }
            None => {}
        }
        if let Some(message) = &self.message {
            message.show(row, position, out);
            return self.show_worker(position, out);
        }
        match &self.text {
            Some(text) => text.show(row, position, out),
            None => out.extend_from_slice(&LineCommands::text(row, position)),
        }
    }
}
