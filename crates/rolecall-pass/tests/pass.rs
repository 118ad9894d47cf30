//! Valid passes, and every reason to reject one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rolecall::{Context, Coverage, Engine, PortableSession, SubjectId, Timestamp};
use rolecall_pass::{AccessToken, Draft, Expected, KeySet, Keys, PassCode, Secret, TOKEN_BYTES, is_access_token};
use serde_json::{Value, json};

const ISSUER: &str = "https://roles.example.com";
const EXPECTED: Expected<'static> = Expected { issuer: ISSUER, audience: Some("shop") };

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-21T10:05:00Z")
}

/// Returns an engine with 240 permissions, 40 roles, 100 projects and a subject with 4 role assignments.
fn engine() -> Engine {
    engine_of(Some("2026-11-21T10:10:00Z"))
}

/// Returns the same engine. One of the assignments ends at the given time, if any.
fn engine_of(until: Option<&str>) -> Engine {
    let actions = ["view", "create", "edit", "delete", "publish", "export", "approve", "configure"];
    let resources: serde_json::Map<String, Value> =
        (0..30).map(|number| (format!("feature-{number}"), json!({ "actions": actions }))).collect();
    let role = |number: usize| {
        let grants: Vec<String> = (0..6)
            .map(|step| format!("feature-{}:{}", (number * 7 + step * 5) % 30, actions[(number + step) % 8]))
            .collect();
        let inherits: Vec<String> = (number >= 20).then(|| format!("role-{}", number - 20)).into_iter().collect();
        (format!("role-{number}"), json!({ "inherits": inherits, "grants": grants }))
    };
    let roles: serde_json::Map<String, Value> = (0..40).map(role).collect();
    let policy =
        json!({ "rolecall": 1, "scopes": ["instance", "account", "project"], "resources": resources, "roles": roles });
    let mut scopes = vec!["main".to_string()];
    scopes.extend((0..10).map(|account| format!("main/account-{account}")));
    scopes.extend((0..100).map(|project| format!("main/account-{}/project-{project}", project / 10)));
    let assignment =
        |role: usize, at: &str| json!({ "subject": "user:number-1234", "role": format!("role-{role}"), "at": at });
    let mut ending = assignment(30, "main");
    if let Some(until) = until {
        ending["until"] = json!(until);
    }
    let directory = json!({ "rolecall": 1, "scopes": scopes, "subjects": { "user:number-1234": {} }, "assignments": [
        assignment(3, "main/account-2"), assignment(21, "main/account-2/project-20"),
        ending,
        assignment(39, "main/account-2/project-21") ] });
    Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap()
}

fn session() -> Vec<u8> {
    session_of(&engine())
}

fn session_of(engine: &Engine) -> Vec<u8> {
    let context = Context::new("main/account-2/project-20", "2026-11-21T10:00:00Z").unwrap();
    let session = engine.session(SubjectId::parse("user:number-1234").unwrap(), context);
    let scopes = ["main", "main/account-2", "main/account-2/project-21"];
    let scopes = scopes.map(|path| rolecall::ScopePath::parse(path).unwrap()).to_vec();
    session.to_bytes(&Coverage { scopes, menus: Vec::new(), until: Some(at("2026-11-21T10:15:00Z")) }).unwrap()
}

fn keys() -> Keys {
    Keys::new(vec![Secret::from_seed([1; 32]), Secret::from_seed([2; 32])])
}

fn pass() -> String {
    signed(&keys(), &session()).unwrap()
}

fn signed(keys: &Keys, session: &[u8]) -> Result<String, rolecall_pass::PassError> {
    keys.sign(Draft { session, issuer: ISSUER, audience: Some("shop"), note: None })
}

fn refused(pass: &str, expected: PassCode) {
    let error = keys().public().open(pass, EXPECTED, now()).unwrap_err();
    assert_eq!(error.code, expected, "{error}");
}

/// Returns a pass with a changed header or changed claims, signed with the first key.
fn changed(change: impl Fn(&mut Value, &mut Value)) -> String {
    let pass = pass();
    let parts: Vec<&str> = pass.split('.').collect();
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let (mut header, mut claims) = (read(parts[0]), read(parts[1]));
    change(&mut header, &mut claims);
    resigned(&header.to_string(), &claims.to_string())
}

fn resigned(header: &str, claims: &str) -> String {
    use ed25519_dalek::Signer;
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let signature = ed25519_dalek::SigningKey::from_bytes(&[1; 32]).sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

#[test]
fn a_pass_is_small_and_answers_as_its_session_does() {
    let pass = pass();
    assert!(pass.len() < 1250, "{} bytes for eight states in four scopes", pass.len());
    let lasting = engine_of(None);
    let lasting = signed(&keys(), &session_of(&lasting)).unwrap();
    assert!(lasting.len() < 1024, "{} bytes", lasting.len());
    let opened = keys().public().open(&pass, EXPECTED, now()).unwrap();
    assert_eq!((opened.expires, &opened.bytes, &opened.note), (at("2026-11-21T10:15:00Z"), &session(), &None));
    let opened = opened.session;
    let own = PortableSession::from_bytes(&session(), now()).unwrap();
    assert_eq!(opened.permissions(), own.permissions());
    assert!(!own.permissions().permissions.is_empty());
    // An assignment that ends before the pass no longer counts after its end.
    let later = keys().public().open(&pass, EXPECTED, at("2026-11-21T10:12:00Z")).unwrap().session;
    assert!(later.permissions().permissions.len() < own.permissions().permissions.len());
}

#[test]
fn nothing_opens_outside_its_time() {
    for (time, code) in [
        ("2026-11-21T09:59:29Z", PassCode::Early),
        ("2026-11-21T10:15:00Z", PassCode::Expired),
        ("2027-01-01T00:00:00Z", PassCode::Expired),
    ] {
        assert_eq!(keys().public().open(&pass(), EXPECTED, at(time)).unwrap_err().code, code, "{time}");
    }
    let early = keys().public().open(&pass(), EXPECTED, at("2026-11-21T09:58:30.5Z")).unwrap_err();
    assert!(early.message.starts_with("the pass begins in 60 seconds by the clock of this machine"), "{early}");
    let context = Context::new("main", "2026-11-21T10:00:00Z").unwrap();
    let endless = engine().session(SubjectId::parse("user:number-1234").unwrap(), context);
    let endless = endless.to_bytes(&Coverage::default()).unwrap();
    assert_eq!(signed(&keys(), &endless).unwrap_err().code, PassCode::Session);
    assert_eq!(signed(&keys(), b"no session").unwrap_err().code, PassCode::Session);
}

/// A machine whose clock is up to 30 seconds behind receives answers for its own time.
#[test]
fn a_clock_that_is_behind_is_answered() {
    for behind in ["10:00:00Z", "09:59:59.7Z", "09:59:59.1Z", "09:59:45Z", "09:59:30Z"] {
        let time = at(&format!("2026-11-21T{behind}"));
        let opened = keys().public().open(&pass(), EXPECTED, time).unwrap().session;
        assert!(opened.is_covered() && opened.time() == time, "{behind}");
        assert_eq!(
            opened.permissions().permissions,
            PortableSession::from_bytes(&session(), now()).unwrap().permissions().permissions
        );
    }
    // Nothing is allowed before an assignment begins or after it ends, independent of the clock of the issuer.
    for (from, until, allowed) in [
        ("2026-11-21T09:59:50Z", None, [false, false, true]),
        ("2026-11-01T00:00:00Z", Some("2026-11-21T09:59:50Z"), [true, true, false]),
        ("2026-11-21T09:59:45Z", Some("2026-11-21T09:59:50Z"), [false, true, false]),
        ("2026-11-21T10:00:00Z", None, [false, false, false]),
    ] {
        let mut assignment = json!({ "subject": "user:ada", "role": "viewer", "at": "acme", "from": from });
        if let Some(until) = until {
            assignment["until"] = json!(until);
        }
        let policy = json!({ "rolecall": 1, "scopes": ["account"], "resources": { "segments": { "actions": ["view"] } },
            "roles": { "viewer": { "grants": ["segments:view"] } } });
        let directory =
            json!({ "rolecall": 1, "scopes": ["acme"], "subjects": { "user:ada": {} }, "assignments": [assignment] });
        let engine = Engine::from_json(&policy.to_string(), &directory.to_string()).unwrap();
        let context = Context::new("acme", "2026-11-21T10:00:00Z").unwrap();
        let session = engine.session(SubjectId::parse("user:ada").unwrap(), context);
        let until = Some(at("2026-11-21T10:15:00Z"));
        let bytes = session.to_bytes(&Coverage { until, ..Coverage::default() }).unwrap();
        let pass = signed(&keys(), &bytes).unwrap();
        let can = |time: &str| {
            let session = keys().public().open(&pass, EXPECTED, at(time)).unwrap().session;
            session.can(session.permission("segments:view").unwrap())
        };
        let answers = ["2026-11-21T09:59:40Z", "2026-11-21T09:59:49.999Z", "2026-11-21T09:59:50Z"].map(can);
        assert_eq!(answers, allowed, "{from} {until:?}");
    }
}

#[test]
fn another_algorithm_is_refused_whatever_signed_it() {
    for algorithm in ["none", "None", "", "HS256", "ES256", "RS256", "EdDSA ", "eddsa", "Ed25519"] {
        refused(&changed(|header, _| header["alg"] = json!(algorithm)), PassCode::Algorithm);
    }
    refused(&changed(|header, _| header["typ"] = json!("JWT")), PassCode::Algorithm);
    refused(
        &changed(|header, _| {
            header.as_object_mut().unwrap().remove("typ");
        }),
        PassCode::Algorithm,
    );
    refused(&changed(|header, _| header["crit"] = json!(["exp"])), PassCode::Algorithm);
    refused(
        &changed(|header, _| {
            header.as_object_mut().unwrap().remove("alg");
        }),
        PassCode::Malformed,
    );
    refused(&changed(|header, _| header["alg"] = json!(["EdDSA"])), PassCode::Malformed);
    // A key outside the key set is never used.
    let own = Keys::new(vec![Secret::from_seed([9; 32])]);
    let stranger = signed(&own, &session()).unwrap();
    refused(&stranger, PassCode::Key);
    refused(&changed(|header, _| header["kid"] = json!("../../etc/passwd")), PassCode::Key);
}

#[test]
fn every_changed_byte_is_noticed() {
    let pass = pass();
    for place in 0..pass.len() {
        for mask in [1_u8, 0x20] {
            let mut bytes = pass.clone().into_bytes();
            bytes[place] ^= mask;
            let Ok(text) = String::from_utf8(bytes) else { continue };
            assert!(keys().public().open(&text, EXPECTED, now()).is_err(), "byte {place}");
        }
        assert!(keys().public().open(&pass[..place], EXPECTED, now()).is_err(), "cut at {place}");
    }
    let (signed, _) = pass.rsplit_once('.').unwrap();
    refused(&format!("{signed}.{}", URL_SAFE_NO_PAD.encode([0; 64])), PassCode::Signature);
    refused(&format!("{signed}."), PassCode::Signature);
    refused(&format!("{pass}=="), PassCode::Malformed);
}

#[test]
fn claims_are_those_of_the_session_and_the_issuer() {
    refused(&changed(|_, claims| claims["iss"] = json!("https://roles.example.com/")), PassCode::Issuer);
    refused(&changed(|_, claims| claims["aud"] = json!("other")), PassCode::Audience);
    refused(
        &changed(|_, claims| {
            claims.as_object_mut().unwrap().remove("aud");
        }),
        PassCode::Audience,
    );
    refused(&changed(|_, claims| claims["aud"] = json!(["shop", "other"])), PassCode::Malformed);
    refused(&changed(|_, claims| claims["sub"] = json!("user:root")), PassCode::Session);
    refused(&changed(|_, claims| claims["rolecall"] = json!("AAAA")), PassCode::Session);
    refused(&changed(|_, claims| claims["exp"] = json!(1)), PassCode::Expired);
    refused(&changed(|_, claims| claims["exp"] = json!(1e300)), PassCode::Malformed);
    // A later `exp` does not extend the session itself.
    let late = changed(|_, claims| claims["exp"] = json!(9_999_999_999_i64));
    let session = keys().public().open(&late, EXPECTED, at("2026-11-21T11:00:00Z")).unwrap().session;
    assert!(!session.is_covered() && session.permissions().permissions.is_empty());
    // A duplicate claim is rejected.
    let claims = URL_SAFE_NO_PAD.decode(pass().split('.').nth(1).unwrap()).unwrap();
    let twice = String::from_utf8(claims).unwrap().replacen('{', r#"{"sub":"user:root","#, 1);
    let header = URL_SAFE_NO_PAD.decode(pass().split('.').next().unwrap()).unwrap();
    refused(&resigned(std::str::from_utf8(&header).unwrap(), &twice), PassCode::Malformed);
}

#[test]
fn whatever_is_no_token_is_malformed() {
    for text in ["", ".", "..", "...", "a.b.c", "e30.e30.e30.e30", "e30.e30.", "\u{0}.\u{0}.\u{0}", "é.é.é"] {
        refused(text, PassCode::Malformed);
    }
    refused(&"a".repeat(TOKEN_BYTES + 1), PassCode::Malformed);
    let deep = URL_SAFE_NO_PAD.encode("[".repeat(10_000));
    refused(&format!("{deep}.{deep}.{deep}"), PassCode::Malformed);
    let not_text = URL_SAFE_NO_PAD.encode([0xff, 0xfe]);
    refused(&format!("{not_text}.{not_text}.{not_text}"), PassCode::Malformed);
}

#[test]
fn keys_rotate() {
    let before = pass();
    let mut keys = keys();
    let old = keys.ids().next().unwrap().to_string();
    keys.rotate(Secret::from_seed([3; 32]));
    assert_eq!(keys.ids().count(), 3);
    let after = signed(&keys, &session()).unwrap();
    // Both passes are valid with the published keys, also after these were encoded and decoded.
    let published = KeySet::from_json(&keys.public().to_json()).unwrap();
    assert_eq!(published, keys.public());
    assert!(!published.to_json().contains("\"d\""));
    for pass in [&before, &after] {
        assert!(published.open(pass, EXPECTED, now()).is_ok());
    }
    assert!(keys.retire(&old) && !keys.retire(&old));
    assert_eq!(keys.public().open(&before, EXPECTED, now()).unwrap_err().code, PassCode::Key);
    let signing = keys.ids().next().unwrap().to_string();
    assert!(!keys.retire(&signing), "the key that signs stays");
    let restored = Keys::from_json(&keys.to_json()).unwrap();
    assert_eq!(restored.ids().collect::<Vec<_>>(), keys.ids().collect::<Vec<_>>());
    assert!(!format!("{restored:?}").contains(&URL_SAFE_NO_PAD.encode([3; 32])));
}

#[test]
fn keys_that_cannot_be_used_are_refused() {
    let text = keys().to_json();
    let with = |change: &dyn Fn(&mut Value)| {
        let mut set: Value = serde_json::from_str(&text).unwrap();
        change(&mut set);
        set.to_string()
    };
    for bad in [
        String::new(),
        r#"{"keys":[]}"#.to_string(),
        with(&|set| {
            set["keys"][0].as_object_mut().unwrap().remove("d");
        }),
        with(&|set| set["keys"][0]["d"] = json!("AAAA")),
        with(&|set| set["keys"][0]["x"] = set["keys"][1]["x"].clone()),
        with(&|set| set["keys"][0]["kty"] = json!("EC")),
    ] {
        assert_eq!(Keys::from_json(&bad).unwrap_err().code, PassCode::Keys);
    }
    let many = with(&|set| set["keys"] = vec![set["keys"][0].clone(); 33].into());
    assert_eq!(KeySet::from_json(&many).unwrap_err().code, PassCode::Keys);
    assert!(KeySet::from_json(&with(&|set| set["keys"][0]["x"] = json!("AAAA"))).is_err());
    // A key of small order, which would verify signatures of arbitrary messages.
    let weak =
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "w", "x": URL_SAFE_NO_PAD.encode([0; 32]) }] });
    assert!(KeySet::from_json(&weak.to_string()).is_err());
    // Keys of other types are ignored.
    let other = with(&|set| {
        set["keys"].as_array_mut().unwrap().push(json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "r" }))
    });
    assert_eq!(KeySet::from_json(&other).unwrap(), keys().public());
}

/// An access token holds for its issuer and audience until its end, and neither kind of token is taken for the other.
#[test]
fn access_tokens_are_verified() {
    let keys = Keys::new(vec![Secret::from_seed([7; 32])]);
    let token = AccessToken {
        issuer: ISSUER.into(),
        audience: ISSUER.into(),
        subject: "app:crm".into(),
        client_id: "crm".into(),
        secret: "3f2a9c01d4e7".into(),
        id: "one".into(),
        issued: now(),
        expires: at("2026-11-21T11:05:00Z"),
    };
    let signed = keys.sign_access(&token).unwrap();
    let open = |keys: &Keys, text: &str, audience: &str, time: &str| {
        keys.public().open_access(text, ISSUER, audience, at(time)).map_err(|error| error.code)
    };
    assert_eq!(open(&keys, &signed, ISSUER, "2026-11-21T11:04:59Z"), Ok(token));
    assert_eq!(open(&keys, &signed, ISSUER, "2026-11-21T11:05:00Z"), Err(PassCode::Expired));
    assert_eq!(open(&keys, &signed, "shop", "2026-11-21T10:30:00Z"), Err(PassCode::Audience));
    let elsewhere = keys.public().open_access(&signed, "https://other.example", ISSUER, now());
    assert_eq!(elsewhere.map_err(|error| error.code), Err(PassCode::Issuer));
    let others = Keys::new(vec![Secret::from_seed([8; 32])]);
    assert_eq!(open(&others, &signed, ISSUER, "2026-11-21T10:30:00Z"), Err(PassCode::Key));
    let (head, signature) = signed.rsplit_once('.').unwrap();
    let cut = format!("{head}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    assert!(!signature.is_empty());
    assert_eq!(open(&keys, &cut, ISSUER, "2026-11-21T10:30:00Z"), Err(PassCode::Signature));
    assert_eq!(open(&keys, "a.b", ISSUER, "2026-11-21T10:30:00Z"), Err(PassCode::Malformed));

    let pass = keys.sign(Draft { session: &session(), issuer: ISSUER, audience: Some("shop"), note: None }).unwrap();
    assert_eq!(open(&keys, &pass, ISSUER, "2026-11-21T10:06:00Z"), Err(PassCode::Algorithm));
    let refused = keys.public().open(&signed, EXPECTED, now()).map(drop).map_err(|error| error.code);
    assert_eq!(refused, Err(PassCode::Algorithm));
    assert!(is_access_token(&signed) && !is_access_token(&pass) && !is_access_token("rct_1") && !is_access_token(""));
}
