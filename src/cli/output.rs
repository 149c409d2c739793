//! Bytes onto standard output or into a file, whole or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write as _};
use std::path::Path;

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
    let Some(path) = output else {
        return write_out(streams, bytes, exit, voice);
    };
    match write_file(path, bytes) {
        Ok(()) => exit,
        Err(error) => {
            let message = format!("`{}` cannot be written: {error}", path.display());
            voice.error(streams, &message, None);
            Exit::Failed
        }
    }
}

/// Writes a file under another name and renames it, so that nobody ever sees half of it.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: its target is what gets replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let before = fs::metadata(&path).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        // A device or a pipe (`/dev/stdout`) cannot be renamed over; a folder gives the error that it deserves.
        return fs::OpenOptions::new()
            .write(true)
            .open(&path)?
            .write_all(bytes);
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
    file.persist(&path)?;
    Ok(())
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
