//! What a decision costs, counted: allocations and statements looked at. Times are for benches.

#![cfg(test)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use pipeline_preflight::graph::{Effect, Statement};
use pipeline_preflight::iam::{Compiled, Layer, Layers, PolicySet, Request, Verdict, counted};
use serde_json::{Value, json};

use pipeline_preflight::authorize;

use crate::iam::{case, written};
use crate::iam_worlds::{policy, simple};

/// The system's allocator, which counts what each thread asks of it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    // A thread that ends may still allocate when its counter is gone.
    let _ = ALLOCATIONS.try_with(|all| all.set(all.get() + 1));
}

#[expect(
    unsafe_code,
    reason = "an allocator is unsafe by its nature; this one hands everything on"
)]
// SAFETY: every call is handed on as it is to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as the caller promises.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations<T>(run: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let result = run();
    (result, ALLOCATIONS.get() - before)
}

/// How often the verdict and the whole decision of a case allocate, once everything was read.
fn costs(case_of: &Value) -> (Verdict, usize, usize) {
    let case = case(case_of);
    let (request, layers) = (authorize::request(&case), authorize::layers(&case));
    let compiled = Compiled::new(&layers);
    compiled.verdict(&request);
    let (verdict, bare) = allocations(|| compiled.verdict(&request));
    let (_, traced) = allocations(|| compiled.decide(&request));
    (verdict, bare, traced)
}

fn plain(owner: &str, more: &Value) -> Value {
    let mut case = json!({
        "request": {
            "principal": "arn:aws:sts::111111111111:assumed-role/Build/one",
            "action": "s3:GetObject",
            "resource": "arn:aws:s3:::store/pipe/a.zip",
            "context": {"aws:PrincipalOrgID": "o-1", "aws:SourceIp": "203.0.113.7", "aws:RequestedRegion": "eu-west-1"},
        },
        "resourceAccount": owner,
        "identityPolicies": [{"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::store/*",
        }}],
    });
    for (key, value) in more.as_object().unwrap() {
        case[key] = value.clone();
    }
    case
}

#[test]
fn counting_counts() {
    let (text, some) = allocations(|| "a".repeat(100));
    assert_eq!((text.len(), some), (100, 1));
}

#[test]
fn a_plain_allow_allocates_nothing() {
    let (verdict, bare, traced) = costs(&plain("111111111111", &json!({})));
    assert_eq!((verdict, bare), (Verdict::Allowed, 0));
    assert!(traced <= 3, "{traced} with the trace");
}

#[test]
fn an_allow_through_all_layers_allocates_nothing() {
    let all = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let policy = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements});
    let region = json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {
        "StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]},
        "NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"},
    }});
    let (verdict, bare, _) = costs(&plain(
        "222222222222",
        &json!({
            "resourcePolicy": policy(json!([{
                "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111111111111:role/Build"},
                "Action": "s3:Get*", "Resource": "arn:aws:s3:::store/*",
                "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}},
            }])),
            "boundary": policy(json!([all])),
            "scps": [[policy(json!([all]))], [policy(json!([all, region]))]],
        }),
    ));
    assert_eq!((verdict, bare), (Verdict::Allowed, 0));
}

fn allow(action: &str, number: usize) -> Statement {
    let mut world = simple("", vec![(Effect::Allow, vec![format!("store{number}/*")])]);
    let mut statement = world.identity.remove(0);
    statement.actions = vec![written(action)];
    statement
}

/// What is looked at, and the steps that patterns take, for one request by these statements.
fn looked_at(statements: &[Statement]) -> (usize, usize) {
    let all = policy(statements);
    let layers = Layers {
        identity: Layer::Known(PolicySet {
            policies: vec![&all],
            unseen: Vec::new(),
        }),
        ..Layers::default()
    };
    let mut request: Request = simple("store0/?/a", Vec::new()).request;
    request.resource_is_pattern = false;
    let compiled = Compiled::new(&layers);
    let (_, steps) = counted(|| compiled.verdict(&request));
    (compiled.looks_at(&request.action), steps)
}

/// A thousand statements of other services, or of other actions written in full, are not looked at.
#[test]
fn only_statements_that_name_the_service_are_looked_at() {
    let mut statements: Vec<Statement> = (0..7).map(|at| allow("s3:Get*", at)).collect();
    statements.extend((0..3).map(|at| allow("S3:getobject", at)));
    statements.extend((0..2).map(|at| allow("*", at)));
    let (few, steps) = looked_at(&statements);
    assert_eq!(few, 12);
    for service in ["kms", "s3-outposts", "ec2", "logs"] {
        for action in ["Get*", "GetObject"] {
            let one = |at| allow(&format!("{service}:{action}"), at);
            statements.extend((0..250).map(one));
        }
    }
    statements.extend((0..250).map(|at| allow("s3:PutObject", at)));
    assert_eq!(looked_at(&statements), (few, steps));
    statements.extend((0..30).map(|at| allow("s3:*", at)));
    assert_eq!(looked_at(&statements).0, few + 30);
}
