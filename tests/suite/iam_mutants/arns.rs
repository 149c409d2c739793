//! Resources as they are written, held against a matcher that walks them letter by letter.

use pipeline_preflight::graph::{Effect, Statement};
use pipeline_preflight::iam::{Compiled, Verdict, counted};

use crate::iam::written;
use crate::iam_worlds::{World, simple};

/// One step of a written ARN, by the words of AWS's page rather than by the engine's automaton.
#[derive(Clone, Copy)]
enum Step {
    Letter(char),
    One { colon: bool },
    Many { colon: bool },
}

/// Wildcards stay inside their segment as far as the fifth colon; the service segment takes none, so that one there is a letter
/// and the text matches nothing that an ARN can be. A `*` that ends the Region's or the account's segment runs on.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
fn steps(resource: &str) -> Vec<Step> {
    let letters: Vec<char> = resource.chars().collect();
    let service = resource.split(':').nth(2).unwrap_or_default();
    let is_arn = resource.matches(':').count() >= 5;
    let literal = is_arn && service.contains(['*', '?']);
    let mut segment = 0;
    let mut steps = Vec::new();
    for (at, letter) in letters.iter().enumerate() {
        let ends = letters.get(at + 1) == Some(&':');
        let colon = !is_arn || segment >= 5;
        steps.push(match letter {
            '*' if !literal => Step::Many {
                colon: colon || ends && (segment == 3 || segment == 4),
            },
            '?' if !literal => Step::One { colon },
            letter => Step::Letter(*letter),
        });
        segment += usize::from(*letter == ':');
    }
    steps
}

/// Letter by letter, trying everything.
fn fits(steps: &[Step], text: &[char]) -> bool {
    match (steps, text) {
        ([], []) => true,
        ([Step::Many { colon }, behind @ ..], _) => {
            fits(behind, text)
                || matches!(text, [first, rest @ ..] if (*colon || *first != ':') && fits(steps, rest))
        }
        ([Step::One { colon }, behind @ ..], [first, rest @ ..]) => {
            (*colon || *first != ':') && fits(behind, rest)
        }
        ([Step::Letter(own), behind @ ..], [first, rest @ ..]) => {
            own == first && fits(behind, rest)
        }
        _ => false,
    }
}

pub(super) fn allow(resources: &[&str]) -> (Effect, Vec<String>) {
    (
        Effect::Allow,
        resources.iter().map(|r| (*r).to_owned()).collect(),
    )
}

/// A world in which identity policies speak of whole ARNs.
pub(super) fn world(resource: &str, statements: Vec<(Effect, Vec<String>)>) -> World {
    let mut world = simple("", Vec::new());
    world.request.resource = resource.to_owned();
    world.request.resource_is_pattern = false;
    world.identity = statements
        .into_iter()
        .map(|(effect, resources)| Statement {
            effect,
            resources: Some(resources.iter().map(|text| written(text)).collect()),
            ..simple("", vec![(effect, Vec::new())]).identity.remove(0)
        })
        .collect();
    world
}

/// Regions and accounts as they may be written.
const SEGMENTS: &[&str] = &["", "*", "a", "a*", "*a", "?", "a*b", "*a*", "?*", "*?a"];

/// Names as they may be written.
const NAMES: &[&str] = &["x", "*", "*:x", "?x", "x?*"];

fn written_arns() -> Vec<String> {
    let mut all = Vec::new();
    for region in SEGMENTS {
        for account in SEGMENTS {
            for name in NAMES {
                all.push(format!("arn:aws:lambda:{region}:{account}:{name}"));
            }
        }
    }
    for few in ["*", "arn:*", "a?n:aws:lambda:*:x", "arn:aws:lambda:*b:*"] {
        all.push(few.to_owned());
    }
    for parts in [
        "arn:*:lambda:a:b:x",
        "arn:a?s:lambda:a:b:*",
        "*:aws:lambda:a:b:x",
        "?rn:*s:lambda:*:b:x",
        "*:aws:lambda:a:a:x",
        "?rn:*s:lambda:*:a:*",
    ] {
        all.push(parts.to_owned());
    }
    for service in ["arn:aws:*:a:b:x", "arn:aws:lambd?:a:b:x", "arn:aws:*:*:*:*"] {
        all.push(service.to_owned());
    }
    all
}

/// Every text of these letters up to a length.
fn texts(letters: &[&str], most: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..most {
        last = last
            .iter()
            .flat_map(|text| letters.iter().map(move |end| format!("{text}{end}")))
            .collect();
        all.extend(last.clone());
    }
    all
}

/// Resources as they may be asked for; those that are not ASCII go another way through the engine.
fn resources() -> Vec<String> {
    let mut all = Vec::new();
    for region in ["", "a", "b", "ab", "ba", "aab", "bbb"] {
        for account in ["", "a", "ab", "bab"] {
            for name in ["x", "zx", "x:x", "ab:x", "é:x", "éx", "a:b:x"] {
                all.push(format!("arn:aws:lambda:{region}:{account}:{name}"));
            }
        }
    }
    // A wildcard of an earlier segment must not swallow these.
    for odd in [
        "arn:aws:s3:lambda:a:b:x",
        "arn:a:s:lambda:a:b:x",
        "arn:s:aws:lambda:a:b:x",
    ] {
        all.push(odd.to_owned());
    }
    all
}

#[test]
fn a_written_resource_matches_what_it_says() {
    let resources = resources();
    let letters: Vec<Vec<char>> = resources
        .iter()
        .map(|text| text.chars().collect())
        .collect();
    let mut matched = 0;
    for written in written_arns() {
        let steps = steps(&written);
        let world = world("", vec![allow(&[&written])]);
        world.with_layers(|layers| {
            let compiled = Compiled::new(layers);
            let mut request = world.request.clone();
            request.resource_is_pattern = runs_on_before_one_that_stays(&steps);
            for (resource, letters) in resources.iter().zip(&letters) {
                request.resource.clone_from(resource);
                let fits = fits(&steps, letters);
                let expected = if fits {
                    Verdict::Allowed
                } else {
                    Verdict::ImplicitDeny
                };
                matched += usize::from(fits);
                assert_eq!(
                    compiled.verdict(&request),
                    expected,
                    "{written} for {resource}"
                );
            }
        });
    }
    assert!(matched > 5000, "{matched}");
}

/// Asked as patterns in the above: the engine lets `*` of `arn:aws:lambda:*:*a:x` run on only where patterns are compared, not where
/// one text is held against it. No ARN that AWS makes has a colon too many in its leading segments.
fn runs_on_before_one_that_stays(steps: &[Step]) -> bool {
    let colons = steps.iter().filter_map(|step| match step {
        Step::Letter(_) => None,
        Step::One { colon } | Step::Many { colon } => Some(*colon),
    });
    !colons.is_sorted()
}

/// What is asked for as a pattern is every ARN that it matches: allowed if every one is, denied if any one is.
#[test]
fn a_written_resource_covers_and_hits_what_its_members_say() {
    for region in ["a", "*", "*b", "a?*"] {
        for (account, name) in [("a", "x"), ("a", "*"), ("?", "?x")] {
            let asked = format!("arn:aws:lambda:{region}:{account}:{name}");
            let members = members(&steps_inside(&asked));
            assert!(!members.is_empty());
            for written in written_arns() {
                let steps = steps(&written);
                let hit = members.iter().any(|member| fits(&steps, member));
                let missed = members.iter().any(|member| !fits(&steps, member));

                let mut allowing = world(&asked, vec![allow(&[&written])]);
                allowing.request.resource_is_pattern = true;
                let expected = if !missed {
                    Verdict::Allowed
                } else {
                    Verdict::ImplicitDeny
                };
                assert_eq!(verdict(&allowing), expected, "{written} for all of {asked}");

                let mut denying = world(
                    &asked,
                    vec![allow(&["*"]), (Effect::Deny, vec![written.clone()])],
                );
                denying.request.resource_is_pattern = true;
                let expected = if hit {
                    Verdict::ExplicitDeny
                } else {
                    Verdict::Allowed
                };
                assert_eq!(verdict(&denying), expected, "{written} for any of {asked}");
            }
        }
    }
}

fn verdict(world: &World) -> Verdict {
    world.with_layers(|layers| Compiled::new(layers).verdict(&world.request))
}

/// The steps of what is asked for: there no wildcard leaves its segment.
fn steps_inside(asked: &str) -> Vec<Step> {
    let mut segment = 0;
    let step = |letter| {
        let colon = segment >= 5;
        segment += usize::from(letter == ':');
        match letter {
            '*' => Step::Many { colon },
            '?' => Step::One { colon },
            letter => Step::Letter(letter),
        }
    };
    asked.chars().map(step).collect()
}

/// Members enough to tell all the patterns here apart.
fn members(asked: &[Step]) -> Vec<Vec<char>> {
    // A wildcard of the Region or the account may reach into the name, which then has to hold what else is written there.
    let mut names = texts(&["x", "z", ":"], 3);
    for start in ["", ":", "z:"] {
        for account in texts(&["a", "b", "z"], 2) {
            for end in ["x", "z", "xz", "zx", "z:x"] {
                names.push(format!("{start}{account}:{end}"));
            }
        }
    }
    let mut all = Vec::new();
    for region in texts(&["a", "b", "z"], 2) {
        for account in ["", "a", "b", "z", "ab", "az", "za"] {
            for name in &names {
                let member: Vec<char> = format!("arn:aws:lambda:{region}:{account}:{name}")
                    .chars()
                    .collect();
                if fits(asked, &member) {
                    all.push(member);
                }
            }
        }
    }
    all
}

/// Sixty thousand combinations of places to be at are more than a comparison goes through, and nothing is pretended about them.
#[test]
fn patterns_made_of_stars_are_given_up_in_time() {
    let name = |step: &str, end| format!("arn:aws:s3:::{}{end}", step.repeat(40));
    let mut world = world(
        &name("*a", "c"),
        vec![allow(&[&name("*b", "e*"), &name("*d", "e*")])],
    );
    world.request.resource_is_pattern = true;
    let (verdict, steps) = counted(|| verdict(&world));
    assert_eq!(verdict, Verdict::Unknown);
    assert!(steps < 1 << 17, "{steps}");
}
