//! The same is found in live accounts and in the files that describe them.

use super::cloud::Cloud;
use super::manner::Manner;
use super::runs::System;
use crate::world::cases;

/// Whatever is said of live accounts without a doubt is said of their files.
#[test]
fn live_accounts_bring_about_no_denial_that_their_files_do_not() {
    for case in cases() {
        let system = System::of_case(&case);
        let cloud = Cloud::start(system.estate.clone(), Manner::default());
        let (live, files) = (system.check(&cloud), system.check_files());
        let new = live.settled_beyond(&files);
        assert!(new.is_empty(), "{case}: {new:#?}");
        assert!(cloud.operations().contains("iam:GetRole"), "{case}");
    }
}
