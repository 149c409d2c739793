//! Whatever is drawn: nothing lies over anything else, everything is inside its box, and the same comes out every time.

use proptest::prelude::*;

use super::{Layout, Rect, Widths, layout};
use crate::report::picture::{Account, Arrow, ArrowKind, Mark, Node, NodeKind, Picture};

/// Nodes by their account, some of them actions of the pipeline before them, and arrows between any two, to themselves too.
fn pictures() -> impl Strategy<Value = Picture> {
    let nodes = proptest::collection::vec((0_usize..4, 0_u8..6), 0..30);
    let arrows = proptest::collection::vec((0_usize..30, 0_usize..30, any::<bool>()), 0..70);
    (nodes, arrows).prop_map(|(nodes, arrows)| {
        let mut picture = Picture {
            accounts: (0..4)
                .map(|number| Account {
                    id: format!("b{number}"),
                    account: None,
                    title: "account 111111111111".to_owned(),
                    members: Vec::new(),
                })
                .collect(),
            ..Picture::default()
        };
        let mut pipeline = None;
        for (account, kind) in nodes {
            let position = picture.nodes.len();
            let (kind, pipeline, account) = match (kind, pipeline) {
                (0, _) => {
                    pipeline = Some((position, account));
                    (NodeKind::Pipeline, None, account)
                }
                (1, Some((pipeline, account))) => (NodeKind::Action, Some(pipeline), account),
                _ => (NodeKind::Role, None, account),
            };
            picture.nodes.push(Node {
                kind,
                account,
                pipeline,
                ..Node::nothing()
            });
        }
        let number = picture.nodes.len();
        for (from, to, acts) in arrows {
            if from < number && to < number {
                picture.arrows.push(Arrow {
                    id: String::new(),
                    from,
                    to,
                    kind: if acts {
                        ArrowKind::ActsAs
                    } else {
                        ArrowKind::Needs
                    },
                    mark: Mark::Allowed,
                    lines: Vec::new(),
                    findings: Vec::new(),
                    affects: Vec::new(),
                });
            }
        }
        picture
    })
}

fn laid_out(picture: &Picture) -> Layout {
    let widths = Widths {
        nodes: (0..picture.nodes.len())
            .map(|number| 100 + 7 * i64::try_from(number % 11).unwrap())
            .collect(),
        arrows: (0..picture.arrows.len())
            .map(|number| 16 * i64::try_from(number % 9).unwrap())
            .collect(),
        accounts: vec![160; picture.accounts.len()],
    };
    layout(picture, &widths)
}

fn apart(one: Rect, other: Rect) -> bool {
    one.x + one.width <= other.x
        || other.x + other.width <= one.x
        || one.y + one.height <= other.y
        || other.y + other.height <= one.y
}

fn inside(inner: Rect, outer: Rect) -> bool {
    inner.x >= outer.x
        && inner.y >= outer.y
        && inner.x + inner.width <= outer.x + outer.width
        && inner.y + inner.height <= outer.y + outer.height
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_lies_over_anything_else(picture in pictures()) {
        let layout = laid_out(&picture);
        prop_assert_eq!(layout.nodes.len(), picture.nodes.len());
        prop_assert_eq!(layout.arrows.len(), picture.arrows.len());
        let whole = Rect { x: 0, y: 0, width: layout.width, height: layout.height };
        for boxes in [&layout.nodes, &layout.accounts] {
            for (number, one) in boxes.iter().enumerate() {
                prop_assert!(inside(*one, whole), "{one:?} in {whole:?}");
                for other in &boxes[number + 1..] {
                    prop_assert!(apart(*one, *other), "{one:?} {other:?}");
                }
            }
        }
        for (node, place) in picture.nodes.iter().zip(&layout.nodes) {
            let account = layout.accounts[node.account];
            prop_assert!(inside(*place, account), "{place:?} in {account:?}");
        }
        // Texts stand before the ends: no two ends of one thing at the same height.
        for node in 0..picture.nodes.len() {
            let arrows = picture.arrows.iter().zip(&layout.arrows);
            let ends = arrows.filter(|(arrow, _)| arrow.to == node);
            let mut ends: Vec<i64> = ends.map(|(_, route)| route.points.last().unwrap().y).collect();
            ends.sort_unstable();
            for pair in ends.windows(2) {
                prop_assert!(pair[1] - pair[0] >= 15, "{ends:?}");
            }
        }
        let again = laid_out(&picture);
        prop_assert_eq!(again.nodes, layout.nodes);
        prop_assert_eq!(again.arrows, layout.arrows);
    }
}

#[test]
fn nothing_at_all_has_a_layout() {
    let layout = laid_out(&Picture::default());
    assert!(layout.width >= 0 && layout.height >= 0);
}

/// More than the layered layout is asked for, in a circle.
#[test]
fn a_crowd_is_laid_out_too() {
    let node = Node {
        account: 0,
        ..Node::nothing()
    };
    let arrow = |from: usize, to: usize| Arrow {
        id: String::new(),
        from,
        to,
        kind: ArrowKind::Needs,
        mark: Mark::Allowed,
        lines: Vec::new(),
        findings: Vec::new(),
        affects: Vec::new(),
    };
    let picture = Picture {
        accounts: vec![Account {
            id: String::new(),
            account: None,
            title: String::new(),
            members: Vec::new(),
        }],
        nodes: vec![node; 900],
        arrows: (0..900)
            .flat_map(|from| [arrow(from, (from + 1) % 900), arrow(from, from * 7 % 900)])
            .collect(),
    };
    let layout = laid_out(&picture);
    for (number, one) in layout.nodes.iter().enumerate() {
        assert!(
            layout.nodes[number + 1..]
                .iter()
                .all(|other| apart(*one, *other))
        );
    }
}
