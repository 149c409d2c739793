//! The data of the bootstrap stack, and the names that it gives.

use super::*;

fn parse(arn: &str) -> Arn {
    Arn::parse(arn).unwrap()
}

#[test]
fn the_data_is_whole() {
    let bootstrap: Bootstrap = serde_yaml::from_str(STACK).unwrap();
    assert!(bootstrap.version >= 21);
    assert_eq!(bootstrap.updated.len(), 10);
    let links = bootstrap.roles.iter().map(|role| &role.documentation);
    let links = links.chain(bootstrap.stores.iter().map(|store| &store.documentation));
    for link in links.chain(&bootstrap.documentation) {
        assert!(link.starts_with("https://docs.aws.amazon.com/cdk/v2/guide/"));
    }
    for made in &bootstrap.roles {
        let arn = parse(&format!(
            "arn:aws:iam::222222222222:role/cdk-own_1-{}-222222222222-eu-west-1",
            made.name
        ));
        let wanted = Wanted {
            at: Origin::NOWHERE,
            by: BTreeSet::from(["111111111111".to_owned()]),
        };
        let mut sources = Sources::new();
        let role = bootstrap.role(&mut sources, &arn, &wanted).unwrap();
        assert_eq!(role.arn, arn.to_string());
        assert!(role.trust.known().is_some() && role.inline.known().is_some());
        let text = sources.text(role.origin.source());
        assert!(!text.contains("{account") && !text.contains("{region"));
        assert!(!text.contains("{partition") && !text.contains("{qualifier"));
    }
}

#[test]
fn names_are_told_apart() {
    let arn = parse("arn:aws:iam::222222222222:role/cdk-my-app-deploy-role-222222222222-eu-west-1");
    let expected = Named {
        role: "deploy-role",
        qualifier: "my-app",
        region: "eu-west-1",
    };
    assert_eq!(named(&arn), Some(expected));
    for other in [
        // Of another account than its name says.
        "arn:aws:iam::333333333333:role/cdk-hnb659fds-deploy-role-222222222222-eu-west-1",
        "arn:aws:iam::222222222222:role/cdk-hnb659fds-deploy-role-222222222222-",
        "arn:aws:iam::222222222222:role/cdk-hnb659fds-deployer-role-222222222222-eu-west-1",
        "arn:aws:iam::222222222222:role/team/cdk-hnb659fds-deploy-role-222222222222-eu-west-1",
        "arn:aws:iam::222222222222:role/cdk-*-deploy-role-222222222222-eu-west-1",
    ] {
        assert_eq!(named(&parse(other)), None, "{other}");
    }
}
