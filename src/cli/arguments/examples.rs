//! The examples below each `--help`.

pub(super) const MAIN_EXAMPLES: &str = "\
Examples:
  pipeline-preflight check accounts/ pipeline.json
  pipeline-preflight check --stack tools.yaml,account=111111111111 --stack prod.yaml,account=222222222222
  pipeline-preflight check pipeline.json --live --account 222222222222=profile:target
  pipeline-preflight check snapshot/ pipeline.json --against main
  pipeline-preflight baseline write snapshot/
  pipeline-preflight snapshot app --output snapshot
  pipeline-preflight requirements pipeline.json
  pipeline-preflight graph snapshot/ --format svg --output picture.svg
  pipeline-preflight explain trust-missing
  pipeline-preflight authorize policy-tests.json
  pipeline-preflight permissions --for pipeline --format json
  pipeline-preflight rules

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  the run could not be done; the reason is on standard error";

pub(super) const CHECK_EXAMPLES: &str = "\
Examples:
  Collect a pipeline and the roles of both of its accounts, and check them:
    aws codepipeline get-pipeline --name app --profile tools > pipeline.json
    aws iam get-account-authorization-details --profile tools > tools.json
    aws iam get-account-authorization-details --profile target > target.json
    pipeline-preflight check pipeline.json tools.json target.json

  Check templates before anything is deployed, one of them in two accounts:
    pipeline-preflight check --stack tools.yaml,account=111111111111,region=eu-west-1,parameters=tools.json \
      --stack target.yaml,account=222222222222,region=eu-west-1 --stack target.yaml,account=333333333333,region=eu-west-1

  Check besides what they hold back until a parameter switches it on:
    pipeline-preflight check templates/ --assume CrossAccountCondition=true

  Check a folder with one subfolder for each account, for a program to read:
    pipeline-preflight check snapshot/ --format json --output report.json

  Check once, and write what a job of GitHub Actions needs beside its log:
    pipeline-preflight check snapshot/ --report sarif=findings.sarif --report markdown=$GITHUB_STEP_SUMMARY

  Check a pipeline before it is updated, and let nothing undecided pass:
    generate-pipeline | pipeline-preflight check snapshot/ - --strict

  Check a new definition against the accounts as they are, before it replaces the old one:
    pipeline-preflight check pipeline.json --live --profile tools \
      --account 222222222222=profile:target --account 333333333333=role:arn:aws:iam::333333333333:role/Audit

  Check what `pipeline-preflight.yaml` names, here or in a folder above, and leave two rules out:
    pipeline-preflight check --skip metadata-left,masked-secret

  Check besides that whoever is signed in may update it:
    pipeline-preflight check snapshot/ --caller \"$(aws sts get-caller-identity --query Arn --output text)\"

  See what a branch breaks and mends, and fail for what it breaks only:
    pipeline-preflight check snapshot/ pipeline.json --against origin/main

  See what a new definition changes, before it replaces the old one:
    pipeline-preflight check pipeline.json --live --against old-pipeline.json

  Fail for findings that were not there when the file was written:
    pipeline-preflight check snapshot/ --baseline pipeline-preflight-baseline.json

Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  the run could not be done; the reason is on standard error";

pub(super) const BASELINE_EXAMPLES: &str = "\
Examples:
  Begin with a gate that fails for what is new, whatever is there already:
    pipeline-preflight baseline write snapshot/
    pipeline-preflight check snapshot/ --baseline pipeline-preflight-baseline.json

  See what has been mended, and what has come, since the file was written:
    pipeline-preflight baseline write snapshot/ --output - | diff pipeline-preflight-baseline.json -

Exit codes:
  0  the file is written, whatever is found
  2  the run could not be done; the reason is on standard error";

pub(super) const REQUIREMENTS_EXAMPLES: &str = "\
Examples:
  See what the roles of a pipeline have to be given, before there is any:
    pipeline-preflight requirements pipeline.json

  The same as a page for a wiki or a pull request:
    pipeline-preflight requirements pipeline.json --format markdown --output requirements.md

  See what of it the given policies grant already:
    pipeline-preflight requirements snapshot/ --pipeline app

Exit codes:
  0  the list is written, whatever the given policies lack
  2  the run could not be done; the reason is on standard error";

pub(super) const GRAPH_EXAMPLES: &str = "\
Examples:
  See in a comment on GitHub or GitLab who lacks what, as a block of Mermaid:
    (echo '```mermaid'; pipeline-preflight graph snapshot/; echo '```') > comment.md

  The same as a picture of its own, for a browser or a page:
    pipeline-preflight graph snapshot/ --format svg --output picture.svg

  Draw one pipeline only, with Graphviz:
    pipeline-preflight graph snapshot/ --pipeline app --format dot | dot -Tpng -o picture.png

Exit codes:
  0  the picture is written, whatever the given policies lack
  2  the run could not be done; the reason is on standard error";

pub(super) const SNAPSHOT_EXAMPLES: &str = "\
Examples:
  Write down what a pipeline depends on in its own account, and check it:
    pipeline-preflight snapshot app --output snapshot
    pipeline-preflight check snapshot

  Add what another account knows, with that account's credentials, there or here:
    pipeline-preflight snapshot --input snapshot --output snapshot --profile target

  All pipelines of a Region, with the other account at once:
    pipeline-preflight snapshot '*' --region eu-west-1 --account 222222222222=profile:target --output snapshot

  What a new definition would depend on, before it is the pipeline's:
    pipeline-preflight snapshot --input pipeline.json --output snapshot

Exit codes:
  0  the snapshot is written; what AWS did not tell is written down in it
  2  the run could not be done; the reason is on standard error";

pub(super) const AUTHORIZE_EXAMPLES: &str = "\
Examples:
  Decide the cases of a file, and compare with what they expect:
    pipeline-preflight authorize policy-tests.json

  See what every statement says to them:
    pipeline-preflight authorize policy-tests.json --trace

  Decide a single request:
    pipeline-preflight authorize --trace - <<'END'
    {
      \"id\": \"deploy-reads-artifacts\",
      \"request\": {
        \"principal\": \"arn:aws:sts::111111111111:assumed-role/Deploy/run\",
        \"action\": \"s3:GetObject\",
        \"resource\": \"arn:aws:s3:::artifacts/app/a.zip\",
        \"context\": {\"aws:SecureTransport\": [\"true\"]}
      },
      \"identityPolicies\": [{
        \"Version\": \"2012-10-17\",
        \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::artifacts/*\"}
      }],
      \"resourceAccount\": \"111111111111\",
      \"expected\": \"Allowed\"
    }
    END

Exit codes:
  0  every case that expects something is as expected
  1  some are not; standard error, or the human form, tells why
  2  the cases cannot be read; the reason is on standard error";

pub(super) const RULES_EXAMPLES: &str = "\
Examples:
  pipeline-preflight rules
  pipeline-preflight rules --format json
  pipeline-preflight rules --rules company-rules/";

pub(super) const EXPLAIN_EXAMPLES: &str = "\
Examples:
  pipeline-preflight explain trust-missing
  pipeline-preflight explain codebuild
  pipeline-preflight explain \"is not authorized to perform AssumeRole on role\"";

pub(super) const PERMISSIONS_EXAMPLES: &str = "\
Examples:
  See what is asked of AWS, account by account:
    pipeline-preflight permissions

  Give a role of another account what it takes to be read:
    pipeline-preflight permissions --for other --format json > read.json
    aws iam put-role-policy --role-name Preflight --policy-name read --policy-document file://read.json --profile target";

pub(super) const CONFIG_EXAMPLES: &str = "\
Examples:
  Begin a configuration file in this folder:
    pipeline-preflight config init

  See what `check` goes by here, and from which file:
    pipeline-preflight config show

  Make a file of what stood on the command line so far:
    pipeline-preflight config show templates/ --assume CrossAccountCondition=true --strict > pipeline-preflight.yaml";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  pipeline-preflight completions bash > ~/.local/share/bash-completion/completions/pipeline-preflight
  pipeline-preflight completions zsh > ~/.zfunc/_pipeline-preflight
  pipeline-preflight completions fish > ~/.config/fish/completions/pipeline-preflight.fish
  pipeline-preflight completions powershell >> $PROFILE";

pub(super) const MAN_EXAMPLES: &str = "\
Examples:
  pipeline-preflight man | man -l -
  pipeline-preflight man check > ~/.local/share/man/man1/pipeline-preflight-check.1";
