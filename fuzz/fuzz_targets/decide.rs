//! Requests and layers → decisions: every one ends, twice the same, and no Deny is ever overruled.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use pipeline_preflight::authorize;
use pipeline_preflight::iam::{self, Caller, Layer, Layers, PolicySet, Request, Verdict};
use pipeline_preflight::load::case::cases;
use pipeline_preflight::source::Sources;
use pipeline_preflight_fuzz::{Bytes, World, deny_everything, goodness, input, mutate};

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate(data, size, max_size, seed).unwrap_or_else(|| fuzzer_mutate(data, size, max_size))
});

// What begins like a text is read as the cases of `authorize`; everything else is a world made of bytes.
fuzz_target!(|data: &[u8]| {
    match data.first() {
        Some(b'{' | b'[' | b'-' | b'#') => written(data),
        _ => {
            let world = World::of(&mut Bytes(data));
            laws(&world.request, &world.layers());
        }
    }
});

fn written(data: &[u8]) {
    let mut sources = Sources::new();
    let Ok(cases) = cases(&mut sources, &[input("cases.json", data)]) else {
        return;
    };
    for case in &cases {
        let answer = authorize::answer(case, &sources);
        assert!(!answer.because.is_empty());
        authorize::trace(case, &answer, &sources);
        laws(&authorize::request(case), &authorize::layers(case));
    }
}

fn laws(request: &Request, layers: &Layers<'_>) {
    let decision = iam::decide(request, layers);
    let again = iam::decide(request, layers);
    assert_eq!(
        format!("{decision:?}"),
        format!("{again:?}"),
        "twice the same"
    );
    iam::trace(request, layers);

    // `sts:GetCallerIdentity` cannot be denied; who has no identity policies cannot be denied by one.
    let bound = matches!(
        request.caller,
        Caller::Role { .. } | Caller::User(_) | Caller::FederatedUser(_)
    );
    if bound && !request.action.eq_ignore_ascii_case("sts:GetCallerIdentity") {
        let deny = deny_everything();
        let mut set = match &layers.identity {
            Layer::Known(set) => set.clone(),
            Layer::Absent | Layer::Unknown => PolicySet::default(),
        };
        set.policies.push(&deny);
        let denied = Layers {
            identity: Layer::Known(set),
            ..layers.clone()
        };
        let denied = iam::decide(request, &denied);
        assert_eq!(
            denied.verdict,
            Verdict::ExplicitDeny,
            "an explicit Deny wins"
        );
        assert!(!denied.partial, "and for every member");
    }

    // A text without wildcards is the only member of itself.
    if request.resource_is_pattern && !request.resource.contains(['*', '?']) {
        let exact = Request {
            resource_is_pattern: false,
            ..request.clone()
        };
        let exact = iam::decide(&exact, layers).verdict;
        assert_eq!(goodness(exact), goodness(decision.verdict), "one member");
    }
}
