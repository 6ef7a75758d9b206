//! What the doctor found, for people and for programs.

use serde_json::{Value, json};

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Well,
    /// Nothing to mend, but good to know.
    Note,
    /// Something is missing that uploads can do without.
    Warning,
    /// Something must be mended.
    Problem,
}

impl Status {
    /// As JSON has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    const fn mark(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Note => "·",
            Self::Warning => "!",
            Self::Problem => "✗",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its name, which never changes: `region`, `cors`, ….
    pub id: &'static str,
    /// How it ended.
    pub status: Status,
    /// A sentence.
    pub says: String,
}

/// Everything that was found. No secret, token or signed URL stands in it.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order in which it was looked at.
    pub checks: Vec<Check>,
    /// The rules that the bucket's CORS configuration needs, in the JSON of
    /// AWS's console and command line.
    pub cors: Value,
    /// The lifecycle rule, in the JSON of AWS's command line.
    pub lifecycle: Value,
    /// The least that the server's key must be allowed, as an IAM policy.
    pub policy: Value,
    /// What `--apply` changed, in sentences.
    pub applied: Vec<String>,
}

impl Report {
    pub(super) fn add(&mut self, id: &'static str, status: Status, says: impl Into<String>) {
        self.checks.push(Check { id, status, says: says.into() });
    }

    pub(super) fn well(&mut self, id: &'static str, says: impl Into<String>) {
        self.add(id, Status::Well, says);
    }

    pub(super) fn note(&mut self, id: &'static str, says: impl Into<String>) {
        self.add(id, Status::Note, says);
    }

    pub(super) fn warning(&mut self, id: &'static str, says: impl Into<String>) {
        self.add(id, Status::Warning, says);
    }

    pub(super) fn problem(&mut self, id: &'static str, says: impl Into<String>) {
        self.add(id, Status::Problem, says);
    }

    /// Whether nothing must be mended.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.checks.iter().all(|check| check.status != Status::Problem)
    }

    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let checks = self.checks.iter();
        let checks: Vec<_> = checks
            .map(|check| json!({ "id": check.id, "status": check.status.as_str(), "says": check.says }))
            .collect();
        json!({
            "well": self.is_well(),
            "checks": checks,
            "applied": self.applied,
            "cors": self.cors,
            "lifecycle": self.lifecycle,
            "policy": self.policy,
        })
    }

    /// For people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for check in &self.checks {
            text.push_str(&format!("{} {}: {}\n", check.status.mark(), check.id, check.says));
        }
        for sentence in &self.applied {
            text.push_str(&format!("+ {sentence}\n"));
        }
        for (title, value) in [
            ("CORS of the bucket (aws s3api put-bucket-cors --cors-configuration)", &self.cors),
            (
                "Lifecycle of the bucket (aws s3api put-bucket-lifecycle-configuration --lifecycle-configuration)",
                &self.lifecycle,
            ),
            ("Policy of the server's key (IAM)", &self.policy),
        ] {
            text.push_str(&format!("\n{title}:\n{value:#}\n"));
        }
        let count = |status| self.checks.iter().filter(|check| check.status == status).count();
        text.push_str(&match (count(Status::Problem), count(Status::Warning)) {
            (0, 0) => "\nAll is well.\n".to_owned(),
            (0, warnings) => format!("\nAll is well, with {warnings} warning(s).\n"),
            (problems, warnings) => format!("\n{problems} problem(s) and {warnings} warning(s).\n"),
        });
        text
    }
}
