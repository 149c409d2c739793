//! `snapshot`: live accounts → a snapshot folder, and what is in it.

#[cfg(feature = "live")]
pub(super) use with_sdk::run;

#[cfg(not(feature = "live"))]
pub(super) fn run(
    _: &super::Snapshot,
    voice: super::Voice,
    streams: &mut super::Streams<'_>,
) -> super::Exit {
    super::live::refuse(voice, streams);
    super::Exit::Failed
}

#[cfg(feature = "live")]
mod with_sdk {
    use std::collections::{BTreeMap, BTreeSet, VecDeque};
    use std::path::Path;

    use super::super::live::{Gathered, Gathering, unreached};
    use super::super::output::write_out;
    use super::super::{Exit, Snapshot, Streams, Voice, begin, config};
    use crate::graph::{Refusal, RefusalKind};
    use crate::load::{FolderError, SnapshotFile, SnapshotFolder, counted, listed};
    use crate::report::printable;
    use crate::source::Sources;

    /// Refused reads that are told one by one; the snapshot holds them all.
    const TOLD: usize = 20;

    /// Does what `snapshot` is asked for.
    pub(in super::super) fn run(
        options: &Snapshot,
        voice: Voice,
        streams: &mut Streams<'_>,
    ) -> Exit {
        match written(options, voice, streams) {
            Some(_) if options.mute => Exit::Clean,
            Some(told) => write_out(streams, printable(&told).as_bytes(), Exit::Clean, voice),
            None => Exit::Failed,
        }
    }

    /// Writes the folder and tells what is in it; `None`, after saying why, when that cannot be.
    fn written(options: &Snapshot, voice: Voice, streams: &mut Streams<'_>) -> Option<String> {
        let subject = &options.subject;
        let applied = config::apply(subject, voice, streams)?;
        let asked = applied.live.as_ref()?;
        if asked.names.is_empty() && applied.inputs.is_empty() {
            let help = "name pipelines, `'*'` for all of the Region, or give `--input` with files that hold some";
            voice.error(streams, "nothing says which pipelines", Some(help));
            return None;
        }
        let failed = |error: FolderError, streams: &mut Streams<'_>| {
            voice.error(streams, &error.message, error.help.as_deref());
        };
        let folder = SnapshotFolder::open(&options.output);
        let folder = folder.map_err(|error| failed(error, streams)).ok()?;
        let inputs = begin::inputs(&applied.inputs, voice, streams)?;
        let catalogue = applied.catalogue(voice, streams)?;
        let mut sources = Sources::new();
        let gathering = Gathering {
            options: asked,
            inputs: &inputs,
            settings: &applied.settings,
            catalogue: &catalogue,
            pipelines: &[],
            caller: None,
            aws_wins: true,
        };
        let mut gathered = gathering.gather(&mut sources, voice, streams)?;
        begin::warn(&gathered.loaded, &sources, voice, streams);
        if let Err(error) = gathered.live.undisturbed() {
            voice.error(streams, &error.message, error.help.as_deref());
            return None;
        }
        let left = folder.write(gathered.live.files());
        let left = left.map_err(|error| failed(error, streams)).ok()?;
        if let Some(left) = left {
            let message = format!(
                "what was there before cannot be removed, and is left in `{}`",
                left.display()
            );
            voice.warning(streams, &message, &[], None);
        }
        // Who wants no summary still hears that the snapshot has gaps.
        if options.mute {
            gathering.warn_of_unreached(&gathered, voice, streams);
        }
        Some(told(&gathering, &gathered, &sources, &options.output))
    }

    /// What was written, what was not answered, and what nobody could ask.
    fn told(
        gathering: &Gathering<'_>,
        gathered: &Gathered,
        sources: &Sources,
        folder: &Path,
    ) -> String {
        let files: Vec<&SnapshotFile> = gathered.live.files().collect();
        let shown = folder.display().to_string();
        let mut text = format!("`{shown}`: {}\n", counted(files.len(), "file"));
        for (account, kinds) in kinds(gathered, &files) {
            let kinds = kinds
                .into_iter()
                .map(|(kind, count)| counted(count, kind))
                .collect::<Vec<_>>();
            text.push_str(&format!("  {account}: {}\n", listed(&kinds)));
        }
        text.push_str(&refused(gathered, &files, sources));
        let there = gathering.command_there(gathered, &shown);
        for (account, count) in &gathered.unreached {
            text.push_str(&format!(
                "\n{}; with access to it run\n  {there}\nor, here again, add `--account {account}=profile:NAME`\n",
                unreached(account, *count),
            ));
        }
        text
    }

    /// How many files of which kind there are in which account.
    fn kinds<'g>(
        gathered: &'g Gathered,
        files: &[&'g SnapshotFile],
    ) -> BTreeMap<String, BTreeMap<&'g str, usize>> {
        let recognised = &gathered.loaded.recognised;
        // What was refused about a thing may lie in a file beside that of the thing, under the same name.
        let mut by_name: BTreeMap<&str, VecDeque<&str>> = BTreeMap::new();
        for one in recognised {
            by_name.entry(&one.file).or_default().push_back(one.kind);
        }
        let mut all: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
        for file in files {
            let account = file.path.iter().next();
            let account = account.map_or_else(String::new, |name| name.to_string_lossy().into());
            let kinds_of_name = by_name.get_mut(file.name.as_str());
            let kind = kinds_of_name.and_then(VecDeque::pop_front);
            let kinds = all.entry(account).or_default();
            *kinds.entry(kind.unwrap_or("other file")).or_default() += 1;
        }
        all
    }

    /// What was not answered though somebody gave access: each permission that lacks, with what it lacks for.
    fn refused(gathered: &Gathered, files: &[&SnapshotFile], sources: &Sources) -> String {
        let written: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
        let refusals = gathered.loaded.graph.refusals.values().flatten();
        let all: Vec<&Refusal> = refusals
            .filter(|refused| refused.kind != RefusalKind::Absent)
            // An earlier snapshot among the inputs tells what it was refused by itself.
            .filter(|refused| written.contains(sources.place(refused.origin).name.as_str()))
            .collect();
        if all.is_empty() {
            return String::new();
        }
        let mut text = format!(
            "\n{} brought no answer, which the snapshot tells too:\n",
            counted(all.len(), "read")
        );
        for one in all.iter().take(TOLD) {
            let (operation, subject, code) = (&one.operation, &one.subject, &one.code);
            text.push_str(&format!("  {operation} on {subject}: {code}\n"));
        }
        if all.len() > TOLD {
            text.push_str(&format!("  and {} more\n", all.len() - TOLD));
        }
        let denied = all.iter().any(|one| one.kind == RefusalKind::Denied);
        if denied {
            text.push_str("allow what was denied, and run again: `pipeline-preflight permissions` prints all that is needed\n");
        }
        text
    }
}
