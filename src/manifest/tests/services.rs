use super::*;

const COMPOSE: &str = "\
# for a look
services:
  db:
    image: postgres:17 # the data

  web:
    build: .
    image: acme/web
    command: [\"sh\", \"-c\", \"./wait && exec app\"]
    depends_on: [db]
    environment:
      - MODE=on
    volumes:
      - data:/data
    ports: [\"80:80\"]
    healthcheck: # as often as the load balancer
      test: curl -f http://localhost:${PORT:-80}/ || exit 1
      retries: 3

volumes:
  data:
";

fn found(text: &str) -> Vec<Service> {
    let files = Memory::of([("compose.yaml", text)]);
    services(&files, &ProjectPath::new("compose.yaml").unwrap()).unwrap()
}

fn change() -> ServiceChange {
    let mount = ServiceMount { volume: "model".to_owned(), path: "/model".to_owned(), read_only: false };
    ServiceChange {
        one_shots: vec![OneShot {
            name: "web-model".to_owned(),
            image: Some("curlimages/curl:8".to_owned()),
            entrypoint: vec!["/bin/sh".to_owned(), "-c".to_owned()],
            command: vec!["set -eu\ncurl -o /model/x \"$URL\"\n".to_owned()],
            environment: vec![("URL".to_owned(), "https://example.com/x".to_owned())],
            mounts: vec![mount.clone()],
            depends_on: vec![("db".to_owned(), Condition::Started)],
            ..OneShot::default()
        }],
        volumes: vec!["model".to_owned()],
        mounts: vec![ServiceMount { read_only: true, ..mount }],
        environment: vec![("PORT".to_owned(), "80".to_owned())],
        command: Setting::Remove,
        test: Some(["CMD", "app", "--check", "$${SELF}", "${PORT:-80}"].map(str::to_owned).to_vec()),
        ..ServiceChange::default()
    }
}

#[test]
fn a_one_shot_runs_before_the_service() {
    let web = &found(COMPOSE)[1];
    assert_eq!(web.value("build"), Some(&Data::text(".")));
    let made = service_edits(COMPOSE, &[(web, &change())]).unwrap();
    let after = plan::replaced(COMPOSE, &made).unwrap();
    insta::assert_snapshot!(after);
    let web = found(&after).into_iter().find(|service| service.name == "web").unwrap();
    assert_eq!(service_edits(&after, &[(&web, &change())]), Ok(Vec::new()));
}

#[test]
fn what_is_merged_in_is_left_alone() {
    let text =
        "x: &x\n  image: a\nservices:\n  web:\n    <<: *x\n    command: a\n    healthcheck:\n      test: a\n";
    let cannot = service_edits(text, &[(&found(text)[0], &change())]).unwrap_err();
    assert_eq!(cannot.reason, "line 5: other maps are merged into it (`<<`)");
    insta::assert_snapshot!(cannot.snippet);
}
