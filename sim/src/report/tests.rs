//! The page of a small run.

use sim::outcome::{Failure, Happening, RunOptions, Step};

use super::*;
use crate::simulator::Simulator;
use crate::simulator::fake::{Fake, plan};

fn outcome() -> Outcome {
    let mut outcome = Fake::new(|_| None).run(&plan(7), RunOptions::default());
    let step = |at_us, what| Step {
        at_us,
        hash: 1,
        what,
    };
    outcome.trace = vec![
        step(
            10,
            Happening::Sent {
                message: 1,
                from: (0, 3),
                to: (2, 1),
                what: "claim </script><b>".to_owned(),
            },
        ),
        step(20, Happening::Arrived { message: 1 }),
        step(
            30,
            Happening::Sent {
                message: 2,
                from: (2, 1),
                to: (1, 0),
                what: "ask".to_owned(),
            },
        ),
        step(
            40,
            Happening::Committed {
                lane: (1, 0),
                what: "2 events".to_owned(),
            },
        ),
    ];
    outcome.failure = Some(Failure {
        oracle: "stock",
        detail: "<3 left>".to_owned(),
        at_us: 50,
    });
    outcome
}

#[test]
fn messages_join_the_lanes_of_both_ends() {
    let plan = plan(7);
    let picture = data::Picture::of(&plan, &outcome());
    let name = |at: usize| picture.lanes[at].name.as_str();
    let arrows: Vec<_> = picture
        .arrows
        .iter()
        .map(|a| (name(a.from), name(a.to), a.sent, a.arrived))
        .collect();
    assert_eq!(
        arrows,
        [
            ("client 3 (player)", "node 2 core 1", 10, Some(20)),
            ("node 2 core 1", "node 1 core 0", 30, None),
        ]
    );
}

#[test]
fn faults_and_the_failure_are_marked() {
    let plan = plan(7);
    let picture = data::Picture::of(&plan, &outcome());
    let count = |kind: &str| {
        picture
            .marks
            .iter()
            .filter(|mark| mark.kind == kind)
            .count()
    };
    assert_eq!((count("failure"), count("commit")), (1, 1));
    let fault = picture
        .marks
        .iter()
        .find(|mark| mark.kind == "fault")
        .expect("there are");
    assert_eq!(picture.lanes[fault.lane].name, "node 1 core 0");
    assert!(
        picture.bands.iter().any(|band| band.kind == "fault"),
        "disasters are bands"
    );
}

#[test]
fn the_page_is_whole_and_safe() {
    let html = page(&plan(7), &outcome());
    assert!(
        !html.contains("/*DATA*/") && !html.contains("/*SCRIPT*/") && !html.contains("/*STYLE*/")
    );
    assert_eq!(
        html.matches("</script>").count(),
        1,
        "text of the run ends no script"
    );
    assert!(
        html.contains("&lt;3 left&gt;"),
        "text of the run is no markup"
    );
    for outside in ["http://", "https://", "src=", "@import"] {
        assert!(!html.contains(outside), "the page loads {outside}");
    }
}
