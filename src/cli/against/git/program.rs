//! The program `git`, asked so that it reads and does nothing else.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Refusal;

/// A call with these words. None of them is put together by a shell, and nothing goes over the network: of a clone that holds
/// only a part of its objects the others are not fetched (<https://git-scm.com/docs/git#Documentation/git.txt-GITNOLAZYFETCH>).
fn git(words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .args(["-c", "protocol.allow=never", "--no-pager"])
        .args(words)
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

fn absent(revision: &str, error: &io::Error) -> Refusal {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!(
            "`{revision}` is no file and no folder, and the program `git`, which might know it as a revision, is not there"
        ),
        _ => format!("`git` cannot be asked for `{revision}`: {error}"),
    };
    let help = "install git, or give the file or folder as it was";
    Refusal {
        message,
        help: Some(help.to_owned()),
    }
}

/// What git answers, or in one line why it does not.
pub(super) fn bytes(words: &[&str], revision: &str) -> Result<Result<Vec<u8>, String>, Refusal> {
    let output = git(words).output();
    let output = output.map_err(|error| absent(revision, &error))?;
    Ok(match output.status.success() {
        true => Ok(output.stdout),
        false => {
            let told = String::from_utf8_lossy(&output.stderr);
            let line = told.lines().next().unwrap_or("it does not say why");
            Err(line.strip_prefix("fatal: ").unwrap_or(line).to_owned())
        }
    })
}

/// The same of an answer of one line.
pub(super) fn one_line(words: &[&str], revision: &str) -> Result<Result<String, String>, Refusal> {
    Ok(bytes(words, revision)?.map(|bytes| {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.strip_suffix('\n').unwrap_or(&text).to_owned()
    }))
}

/// The contents of files.
pub(super) struct Blobs<'r> {
    revision: &'r str,
    child: Child,
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl<'r> Blobs<'r> {
    pub(super) fn open(revision: &'r str) -> Result<Self, Refusal> {
        let child = git(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(|error| absent(revision, &error))?;
        let (asked, answers) = (child.stdin.take(), child.stdout.take());
        let Some(answers) = answers else {
            return Err(absent(revision, &io::Error::other("it has no output")));
        };
        Ok(Self {
            revision,
            child,
            asked,
            answers: BufReader::new(answers),
        })
    }

    /// The content of an object.
    pub(super) fn read(&mut self, object: &str) -> Result<Vec<u8>, Refusal> {
        let failed = |error: &io::Error| absent(self.revision, error);
        let lacks = || {
            Refusal {
            message: format!(
                "this clone of the git repository does not hold all files of `{}`",
                self.revision
            ),
            help: Some("a partial clone leaves files out: fetch them first, say by checking the revision out in another folder, and give \
                        that folder".to_owned()),
        }
        };
        let mut answer = || -> io::Result<Option<Vec<u8>>> {
            let asked = self.asked.as_mut();
            let asked = asked.ok_or_else(|| io::Error::other("it has no input"))?;
            asked.write_all(format!("{object}\n").as_bytes())?;
            asked.flush()?;
            let mut head = String::new();
            self.answers.read_line(&mut head)?;
            // `<object> blob <size>`, or `<object> missing`
            let mut parts = head.split_whitespace().skip(1);
            let (Some("blob"), Some(Ok(size))) =
                (parts.next(), parts.next().map(str::parse::<u64>))
            else {
                return Ok(None);
            };
            let mut bytes = Vec::new();
            (&mut self.answers).take(size).read_to_end(&mut bytes)?;
            let mut end = [0];
            self.answers.read_exact(&mut end)?;
            Ok(Some(bytes))
        };
        match answer() {
            Ok(bytes) => bytes.ok_or_else(lacks),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Drop for Blobs<'_> {
    /// It ends by itself when nothing more is asked.
    fn drop(&mut self) {
        drop(self.asked.take());
        let _ = self.child.wait();
    }
}
