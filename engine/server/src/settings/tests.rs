//! Which layer counts, and what is said about a bad value.

use super::*;

struct Case<'a> {
    flags: &'a [(&'static str, &'a str)],
    environment: &'a [(&'a str, &'a str)],
    file: Option<&'a str>,
}

const NOTHING: Case<'static> = Case {
    flags: &[],
    environment: &[],
    file: None,
};

fn load(case: &Case<'_>) -> Result<Settings, String> {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let directory =
        std::env::temp_dir().join(format!("hunt-settings-{}-{number}", std::process::id()));
    let file = case.file.map(|text| {
        std::fs::create_dir_all(&directory).expect("a directory");
        let path = directory.join("hunt.toml");
        std::fs::write(&path, text).expect("a file");
        path
    });
    let mut flags = SettingFlags::default();
    for &(key, value) in case.flags {
        flags.set(key, value);
    }
    let environment = |name: &str| {
        case.environment
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let settings = Settings::load(&flags, file, &environment).map_err(|error| {
        error
            .to_string()
            .replace(&format!("{}/", directory.display()), "")
    });
    let _ = std::fs::remove_dir_all(&directory);
    settings
}

fn check_error(case: &Case<'_>, expected: &str) {
    match load(case) {
        Ok(_) => panic!("expected the error {expected:?}"),
        Err(error) => assert_eq!(error, expected),
    }
}

#[test]
fn the_defaults_are_those_of_the_product() {
    let settings = load(&NOTHING).expect("the defaults load");
    assert_eq!(settings.listen.to_string(), "127.0.0.1:7117");
    assert_eq!(settings.store.to_string(), "embedded:./hunt-data");
    assert_eq!(settings.cores, CoreChoice::All);
    assert_eq!(
        (
            settings.node.shards,
            settings.memory_bytes,
            settings.keys.len()
        ),
        (64, None, 0)
    );
    assert_eq!(settings.connections, ConnectionSettings::default());
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let shards = |case: &Case<'_>| load(case).expect("it loads").node.shards;
    let file = Some("shards = 2");
    let environment: &[_] = &[("HUNT_SHARDS", "3")];
    assert_eq!(shards(&Case { file, ..NOTHING }), 2);
    assert_eq!(
        shards(&Case {
            file,
            environment,
            ..NOTHING
        }),
        3
    );
    assert_eq!(
        shards(&Case {
            file,
            environment,
            flags: &[("shards", "4")]
        }),
        4
    );
}

#[test]
fn an_empty_variable_says_nothing() {
    let settings = load(&Case {
        environment: &[("HUNT_SHARDS", "")],
        ..NOTHING
    })
    .expect("it loads");
    assert_eq!(settings.node.shards, 64);
}

#[test]
fn keys_come_from_everywhere() {
    let file = Some(
        "[[keys]]\nkid = \"2026\"\nsecret = \"s\"\n[[keys]]\nkid = \"2027\"\npublic_key = \"p\"",
    );
    let settings = load(&Case {
        file,
        environment: &[("HUNT_JWT_SECRET", "t")],
        ..NOTHING
    })
    .expect("it loads");
    let kids: Vec<_> = settings.keys.iter().map(|key| key.kid.as_deref()).collect();
    assert_eq!(kids, [Some("2026"), Some("2027"), None]);
}

#[test]
fn an_unknown_key_is_named() {
    check_error(
        &Case {
            file: Some("listn = \"x\""),
            ..NOTHING
        },
        "hunt.toml: unknown setting \"listn\" (perhaps \"listen\" is meant); `hunt-engine serve --help` lists all",
    );
    check_error(
        &Case {
            file: Some("[server]\nport = 1"),
            ..NOTHING
        },
        "hunt.toml: unknown setting \"server\"; `hunt-engine serve --help` lists all",
    );
}

#[test]
fn a_bad_value_is_named_with_its_place() {
    check_error(
        &Case {
            flags: &[("shards", "0")],
            ..NOTHING
        },
        "--shards: expected a whole number from 1 to 4096, not \"0\"",
    );
    check_error(
        &Case {
            environment: &[("HUNT_LOG_FORMAT", "xml")],
            ..NOTHING
        },
        "HUNT_LOG_FORMAT in the environment: expected text or json, not \"xml\"",
    );
    check_error(
        &Case {
            file: Some("listen = \"localhost\""),
            ..NOTHING
        },
        "listen in hunt.toml: expected an address and a port, such as 127.0.0.1:7117 or [::1]:7117, not \"localhost\"",
    );
    check_error(
        &Case {
            file: Some("shards = true"),
            ..NOTHING
        },
        "shards in hunt.toml: expected a text or a whole number, not a boolean",
    );
    check_error(
        &Case {
            file: Some("[[keys]]\nkid = \"a\""),
            ..NOTHING
        },
        "keys in hunt.toml: the key \"a\" needs either secret or public_key",
    );
}

#[test]
fn a_file_that_is_not_there_or_not_toml_is_named() {
    let error = load(&Case {
        file: Some("shards ="),
        ..NOTHING
    })
    .expect_err("not TOML");
    assert!(error.starts_with("hunt.toml is not TOML: "), "{error}");
    let missing = Settings::load(
        &SettingFlags::default(),
        Some("/no/such.toml".into()),
        &|_| None,
    );
    assert!(
        missing.is_err_and(|error| error.to_string().starts_with("can't read /no/such.toml: "))
    );
}

#[test]
fn a_secret_may_be_in_a_file() {
    let path = std::env::temp_dir().join(format!("hunt-secret-{}", std::process::id()));
    std::fs::write(&path, "from the file\n").expect("a file");
    let value = format!("@{}", path.display());
    let settings = load(&Case {
        flags: &[("jwt_secret", &value)],
        ..NOTHING
    })
    .expect("it loads");
    std::fs::remove_file(&path).expect("it can go");
    assert!(
        matches!(&settings.keys[0].kind, KeyKind::Hs256Secret(secret) if secret == "from the file")
    );
}
