//! Bytes onto standard output or into a file, whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Exit, Streams, Voice};

/// Writes to standard output and gives `exit`, also where the reader has gone away (`| head`): it has seen what it wanted.
pub(super) fn write_out(streams: &mut Streams<'_>, bytes: &[u8], exit: Exit, voice: Voice) -> Exit {
    let written = streams
        .out
        .write_all(bytes)
        .and_then(|()| streams.out.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let message = format!("standard output cannot be written: {error}");
            voice.error(streams, &message, None);
            Exit::Failed
        }
        _ => exit,
    }
}

/// Writes to a file where one is named, to standard output otherwise, and gives `exit`.
pub(super) fn write(
    streams: &mut Streams<'_>,
    output: Option<&Path>,
    bytes: &[u8],
    exit: Exit,
    voice: Voice,
) -> Exit {
    write_all(streams, &[(output, bytes)], exit, voice)
}

/// The same for several: no file is replaced before all of them are written beside their places, and standard output comes
/// last.
pub(super) fn write_all(
    streams: &mut Streams<'_>,
    outputs: &[(Option<&Path>, impl AsRef<[u8]>)],
    exit: Exit,
    voice: Voice,
) -> Exit {
    let files = outputs
        .iter()
        .filter_map(|(path, bytes)| path.map(|path| (path, bytes.as_ref())));
    let mut staged = Vec::new();
    for (path, bytes) in files {
        match stage(path, bytes) {
            Ok(one) => staged.push((path, one)),
            Err(error) => return refused(streams, path, &error, voice),
        }
    }
    for (path, one) in staged {
        if let Err(error) = one.settle() {
            return refused(streams, path, &error, voice);
        }
    }
    let mut exit = exit;
    for (_, bytes) in outputs.iter().filter(|(path, _)| path.is_none()) {
        exit = write_out(streams, bytes.as_ref(), exit, voice);
    }
    exit
}

fn refused(streams: &mut Streams<'_>, path: &Path, error: &io::Error, voice: Voice) -> Exit {
    let error = error.to_string();
    // Behind it stand the number of the error, and the name of a file that nobody knows.
    let reason = error.split_once(" (os error ").map(|(said, _)| said);
    let reason = reason.unwrap_or(&error);
    let message = format!("`{}` cannot be written: {reason}", path.display());
    voice.error(streams, &message, None);
    Exit::Failed
}

/// Bytes that have not reached their place yet.
enum Staged<'b> {
    /// They are whole in a file beside it.
    Beside { file: NamedTempFile, path: PathBuf },
    /// They go there at once.
    Direct { file: File, bytes: &'b [u8] },
}

/// Prepares a file under another name, to be renamed, so that nobody ever sees half of it.
fn stage<'b>(path: &Path, bytes: &'b [u8]) -> io::Result<Staged<'b>> {
    // A link stays a link: its target is what gets replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        // A device or a pipe (`/dev/stdout`) cannot be renamed over; a folder gives the error that it deserves.
        let file = fs::OpenOptions::new().write(true).open(&path)?;
        return Ok(Staged::Direct { file, bytes });
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".pipeline-preflight-");
    if let Some(permissions) = new_file_permissions() {
        builder.permissions(permissions);
    }
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Some(before) = before {
        file.as_file().set_permissions(before.permissions())?;
    }
    Ok(Staged::Beside { file, path })
}

impl Staged<'_> {
    fn settle(self) -> io::Result<()> {
        match self {
            Self::Beside { file, path } => {
                file.persist(path)?;
                Ok(())
            }
            Self::Direct { mut file, bytes } => file.write_all(bytes),
        }
    }
}

/// What any new file gets, less the process's mask; a temporary one would be readable for its owner only.
#[cfg(unix)]
fn new_file_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o666))
}

#[cfg(not(unix))]
fn new_file_permissions() -> Option<Permissions> {
    None
}
