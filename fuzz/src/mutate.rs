//! Changes that leave JSON and YAML mostly well-formed: flipping bytes alone hardly ever gets past the parser.

use std::ops::Range;

/// Words that mean something to the readers and to the engine.
const WORDS: &[&str] = &[
    "*",
    "?",
    "",
    "null",
    "true",
    "0",
    "-1",
    "arn:aws:s3:::*",
    "arn:*:*:*:*:*",
    "arn:aws:iam::111111111111:role/*",
    "arn:aws:iam::111111111111:root",
    "111111111111",
    "AROAEXAMPLEID",
    "${aws:PrincipalTag/team}",
    "${aws:username, 'x'}",
    "${*}",
    "${",
    "s3:*",
    "sts:AssumeRole",
    "iam:PassRole",
    "kms:Decrypt",
    "codepipeline.amazonaws.com",
    "Ref",
    "Fn::Sub",
    "Fn::GetAtt",
    "Fn::If",
    "Fn::Join",
    "Fn::ForEach::X",
    "AWS::NoValue",
    "${AWS::AccountId}",
    "AWS::CloudFormation::Stack",
    "AWS::IAM::Role",
    "Outputs",
    "Allow",
    "Deny",
    "NotAction",
    "NotResource",
    "NotPrincipal",
    "Principal",
    "Condition",
    "StringLike",
    "ForAllValues:StringEqualsIfExists",
    "ForAnyValue:ArnLike",
    "NumericLessThan",
    "DateGreaterThan",
    "2025-01-01T00:00:00Z",
    "IpAddress",
    "10.0.0.0/8",
    "::/0",
    "BinaryEquals",
    "Null",
    "aws:SourceArn",
    "aws:PrincipalOrgID",
    "aws:TagKeys",
    "2012-10-17",
    "2008-10-17",
    "#{SourceVariables.CommitId}",
    "#{codepipeline.PipelineExecutionId}",
    "{\\\"Statement\\\":[]}",
    "%7B%22Statement%22%3A%5B%5D%7D",
    "\\u0000",
    "\\ud83d\\ude00",
    "\u{202e}",
    "é",
    "CodeBuild",
    "CloudFormation",
    "ECS",
    "Lambda",
    "S3",
    "us-east-1",
];

/// A small generator: the seed comes from the fuzzer, so that every change can be repeated.
struct Dice(u32);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % sides.max(1)
    }
}

/// Changes `data[..size]` in place; returns the new size, or `None` where nothing here fits and bytes have to do.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> Option<usize> {
    let mut dice = Dice(seed);
    if dice.throw(4) == 0 {
        return None;
    }
    let text = data.get(..size)?.to_vec();
    let strings = strings(&text);
    let changed = match dice.throw(7) {
        0 | 1 => {
            let at = pick(&strings, &mut dice)?;
            replace(&text, at, WORDS[dice.throw(WORDS.len())].as_bytes())
        }
        2 | 3 => {
            let (to, from) = (pick(&strings, &mut dice)?, pick(&strings, &mut dice)?);
            let word = text[from].to_vec();
            replace(&text, to, &word)
        }
        4 => {
            // A word into the middle of a string: wildcards and variables inside an ARN.
            let at = pick(&strings, &mut dice)?;
            let middle = at.start + dice.throw(at.len() + 1);
            replace(
                &text,
                middle..middle,
                WORDS[dice.throw(WORDS.len())].as_bytes(),
            )
        }
        5 => {
            let at = value(&text, &mut dice)?;
            let copy = [&text[at.clone()], b",", &text[at.clone()]].concat();
            replace(&text, at, &copy)
        }
        _ => {
            let (to, from) = (value(&text, &mut dice)?, value(&text, &mut dice)?);
            let copy = text[from].to_vec();
            replace(&text, to, &copy)
        }
    };
    if changed.is_empty() || changed.len() > max_size || changed.len() > data.len() {
        return None;
    }
    data[..changed.len()].copy_from_slice(&changed);
    Some(changed.len())
}

fn pick(ranges: &[Range<usize>], dice: &mut Dice) -> Option<Range<usize>> {
    ranges.get(dice.throw(ranges.len())).cloned()
}

fn replace(text: &[u8], at: Range<usize>, by: &[u8]) -> Vec<u8> {
    [&text[..at.start], by, &text[at.end..]].concat()
}

/// What stands between quotation marks.
fn strings(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => match start.take() {
                Some(start) => found.push(start..at),
                None => start = Some(at + 1),
            },
            _ => {}
        }
    }
    found
}

/// One object or list, brackets included.
fn value(text: &[u8], dice: &mut Dice) -> Option<Range<usize>> {
    let opening: Vec<usize> = (0..text.len())
        .filter(|at| matches!(text[*at], b'{' | b'['))
        .collect();
    let start = *opening.get(dice.throw(opening.len()))?;
    let mut depth = 0usize;
    for (at, byte) in text.iter().enumerate().skip(start) {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(start..at + 1);
        }
    }
    None
}
