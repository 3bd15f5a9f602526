//! What is printed: a table for people, JSON lines for scripts.

use std::io::{self, ErrorKind, Write};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};
use session_runtime::Timestamp;

use crate::failure::Failure;

/// One thing that was found: its fields, in order.
pub(crate) type Record = Vec<(&'static str, Value)>;

pub(crate) struct Output {
    json: bool,
    head: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, head: true }
    }

    /// A line of a list; the first is preceded by the names of the columns, for people.
    pub(crate) fn line(&mut self, record: Record) -> Result<(), Failure> {
        if self.json {
            return print(&object(record));
        }
        if std::mem::take(&mut self.head) {
            print(&record.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("\t"))?;
        }
        print(&record.iter().map(|(_, value)| text(value)).collect::<Vec<_>>().join("\t"))
    }

    /// The only thing that there is to say: a field a line, for people.
    pub(crate) fn one(&self, record: Record) -> Result<(), Failure> {
        if self.json {
            return print(&object(record));
        }
        record.iter().try_for_each(|(name, value)| print(&format!("{name}: {}", text(value))))
    }
}

/// On the other stream, so that it is in nobody's data.
pub(crate) fn progress(text: &str) {
    // Where nobody listens there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

pub(crate) fn time(time: Timestamp) -> Value {
    DateTime::from_timestamp_millis(time.as_millis())
        .map_or(Value::Null, |time| time.to_rfc3339_opts(SecondsFormat::Millis, true).into())
}

fn object(record: Record) -> String {
    Value::Object(record.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()).to_string()
}

/// Clients choose some of it: nothing of theirs may move the cursor or look like another line.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect(),
        other => other.to_string(),
    }
}

fn print(line: &str) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{line}") {
        Ok(()) => Ok(()),
        // Whoever took the first lines and left, as `head` does, has what they wanted.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::Failed(error.to_string())),
    }
}
