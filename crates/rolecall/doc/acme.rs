// The engine of the examples in the documentation: an expression, for `include!`.
rolecall::Engine::from_json(
    r#"{
        "rolecall": 1,
        "scopes": ["account", "project"],
        "labels": ["pii"],
        "resources": { "segments": { "actions": ["view", "edit"] }, "profiles": { "actions": ["view"] } },
        "roles": {
            "viewer": { "grants": ["segments:view", "profiles:view"] },
            "editor": { "inherits": ["viewer"], "grants": ["segments:edit"] },
            "approver": { "grants": ["segments:view"], "reads": ["pii"] }
        },
        "guards": {
            "boundaries": { "region": { "limits": ["edit"] } },
            "separation": [{ "id": "four-eyes", "roles": ["editor", "approver"], "at_most": 1, "when": "assigned" }]
        },
        "menus": {
            "main": [
                { "id": "segments", "title": "Segments", "href": "/segments", "needs": "segments:view" },
                { "id": "new", "title": "New segment", "href": "/segments/new", "needs": "segments:edit" }
            ]
        }
    }"#,
    r#"{
        "rolecall": 1,
        "scopes": ["acme", "acme/shop"],
        "subjects": {
            "user:ada": { "boundaries": { "region": ["eu"] } },
            "user:bo": {},
            "user:cy": {}
        },
        "assignments": [
            { "subject": "user:ada", "role": "editor", "at": "acme" },
            { "subject": "user:bo", "role": "viewer", "at": "acme/shop", "until": "2027-01-01T00:00:00Z" },
            { "subject": "user:cy", "role": "editor", "at": "acme" },
            { "subject": "user:cy", "role": "approver", "at": "acme/shop" }
        ]
    }"#,
)
.unwrap()
