//! One line of a plan: a job or a service.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use regex::bytes::Regex;
use serde_json::Value;

use super::fields::{self, Fields, not};
use crate::error::{Error, Result, visible};
use crate::exit;
use crate::input::row_settings::{RowCommand, RowSettings, RowTimeout};
use crate::policy::duration;

const FIELDS: [&str; 11] = [
    "name", "command", "needs", "service", "ready", "env", "cwd", "timeout", "retries", "ok_codes",
    "key",
];

/// A job of a plan, or a service.
#[derive(Debug)]
pub(crate) struct PlanJob {
    /// The number of its line, from 1.
    pub number: u64,
    pub name: String,
    pub settings: Arc<RowSettings>,
    /// What makes it a service.
    pub service: Option<ServiceSettings>,
}

/// A job that others need while it runs, not when it has ended.
#[derive(Debug)]
pub(crate) struct ServiceSettings {
    pub ready: Readiness,
    /// Time that it has to become ready.
    pub limit: Option<Duration>,
}

/// Sign by which a service is known to be ready.
#[derive(Debug)]
pub(crate) enum Readiness {
    Started,
    /// This command succeeds.
    Command(RowCommand),
    /// It prints a line in which this is found.
    Line(Regex),
    /// It listens on this port of 127.0.0.1 or ::1.
    Port(u16),
}

/// A line that was read, with the names of what it needs.
#[derive(Debug)]
pub(super) struct PlanEntry {
    pub(super) job: PlanJob,
    pub(super) needs: Vec<String>,
}

impl PlanEntry {
    /// Reads line `number`.
    ///
    /// # Errors
    /// It is no object, a field is missing, unknown, or not what it has to be.
    pub(super) fn read(number: u64, line: &[u8]) -> Result<PlanEntry> {
        let mut fields = Fields::read(line, &FIELDS)?;
        let name = fields.take_text("name")?;
        let name = name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| missing("name"))?;
        let value = fields.take("command");
        let command = command(value.ok_or_else(|| missing("command"))?)?;
        let needs = fields.take_texts("needs")?;
        let is_service = fields.take_flag("service")?;
        let ready = fields.take("ready").map(readiness).transpose()?;
        let limit = fields.take("timeout").map(time).transpose()?;
        let service = match (is_service, ready) {
            (false, Some(_)) => return Err(only_of_services("ready")),
            (false, None) => None,
            (true, ready) => {
                check_service(&mut fields)?;
                Some(ServiceSettings {
                    ready: ready.unwrap_or(Readiness::Started),
                    limit,
                })
            }
        };
        let settings = RowSettings {
            command: Some(command),
            environment: environment(&mut fields)?,
            directory: fields.take_text("cwd")?.map(PathBuf::from),
            timeout: match service {
                Some(_) => Some(RowTimeout::Never),
                None => limit.map(RowTimeout::of),
            },
            retries: (fields.take_number("retries", u32::MAX.into())?)
                .and_then(|number| u32::try_from(number).ok()),
            ok_codes: ok_codes(&mut fields)?,
            key: fields.take_text("key")?.map(String::into_bytes),
            is_service,
        };
        let job = PlanJob {
            number,
            name,
            settings: Arc::new(settings),
            service,
        };
        Ok(PlanEntry { job, needs })
    }
}

fn missing(name: &str) -> Error {
    Error::new(format!("the field '{name}' is missing"))
        .hint("each line is an object: {\"name\": \"a\", \"command\": \"make a\"}")
}

fn only_of_services(name: &str) -> Error {
    Error::new(format!("the field '{name}' is for services"))
        .hint("\"service\": true makes it one; other jobs are needed until they have succeeded")
}

/// # Errors
/// A field says how a job ends or starts again, and services do neither.
fn check_service(fields: &mut Fields) -> Result<()> {
    for name in ["retries", "ok_codes", "key"] {
        if fields.take(name).is_some() {
            return Err(
                Error::new(format!("the field '{name}' is not for services")).hint(
                    "a service runs once, beside the slots, until nobody that needs it is left",
                ),
            );
        }
    }
    Ok(())
}

fn command(value: Value) -> Result<RowCommand> {
    let wanted = "a command line, or an array of a program and its arguments";
    match value {
        Value::String(_) => {
            let line = fields::text("command", value)?;
            if line.trim().is_empty() {
                return Err(Error::new("the field 'command' is empty"));
            }
            Ok(RowCommand::Line(line.into_bytes()))
        }
        Value::Array(words) if !words.is_empty() => {
            let words = words.into_iter().map(|word| match word {
                Value::String(_) => fields::text("command", word).map(String::into_bytes),
                _ => Err(not("command", wanted)),
            });
            Ok(RowCommand::Argv(words.collect::<Result<_>>()?))
        }
        _ => Err(not("command", wanted)),
    }
}

fn readiness(value: Value) -> Result<Readiness> {
    let mut fields = Fields::of("ready", value, &["command", "line", "port"])?;
    let ready = match (
        fields.take("command"),
        fields.take("line"),
        fields.take("port"),
    ) {
        (Some(value), None, None) => command(value).map(Readiness::Command),
        (None, Some(value), None) => {
            let text = fields::text("line", value)?;
            let regex = Regex::new(&text);
            regex.map(Readiness::Line).map_err(|_| {
                let text = visible(text.as_bytes());
                Error::new(format!(
                    "the field 'line' is not a regular expression: '{text}'"
                ))
            })
        }
        (None, None, Some(value)) => {
            let port = fields::number("port", &value, u16::MAX.into())?;
            let port = u16::try_from(port).ok().filter(|port| *port > 0);
            let port = port.map(Readiness::Port);
            port.ok_or_else(|| not("port", "a number from 1 to 65535"))
        }
        _ => Err(not("ready", "one of a command, a line and a port")),
    };
    ready.map_err(|error| {
        error.hint("{\"command\": \"test -e up\"}, {\"line\": \"^listening\"} or {\"port\": 8080}")
    })
}

/// Seconds as a number, or a text as `--timeout` has it. No time is no limit.
fn time(value: Value) -> Result<Duration> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        _ => String::new(),
    };
    let time = duration::parse(&text);
    time.map_err(|_| {
        not("timeout", "a length of time").hint("write seconds (90, 1.5) or a text (\"2m\")")
    })
}

fn environment(fields: &mut Fields) -> Result<Vec<(OsString, OsString)>> {
    let Some(value) = fields.take("env") else {
        return Ok(Vec::new());
    };
    let Value::Object(object) = value else {
        return Err(not("env", "an object of texts"));
    };
    let variables = object.into_iter().map(|(name, value)| {
        if name.is_empty() || name.contains(['=', '\0']) {
            let name = visible(name.as_bytes());
            let problem = format!("the field 'env' has '{name}', which is no name of a variable");
            return Err(Error::new(problem));
        }
        let value = fields::text("env", value).map_err(|_| not("env", "an object of texts"))?;
        Ok((name.into(), value.into()))
    });
    variables.collect()
}

/// Exit statuses from 1 to 255 but those that say that a command was not run.
fn ok_codes(fields: &mut Fields) -> Result<Option<Vec<u8>>> {
    let wanted = "an array of exit statuses";
    let Some(value) = fields.take("ok_codes") else {
        return Ok(None);
    };
    let Value::Array(values) = value else {
        return Err(not("ok_codes", wanted));
    };
    let statuses = values.iter().map(|value| {
        let status = fields::number("ok_codes", value, u8::MAX.into()).ok();
        let status = status.and_then(|status| u8::try_from(status).ok());
        match status {
            None => Err(not("ok_codes", wanted).hint("\"ok_codes\": [1, 3]")),
            Some(exit::NOT_EXECUTABLE | exit::NOT_FOUND) => Err(Error::new(
                "the field 'ok_codes' has 126 or 127, which say that the command was not run",
            )),
            Some(status) => Ok(status),
        }
    });
    statuses.collect::<Result<_>>().map(Some)
}

#[cfg(test)]
mod tests;
