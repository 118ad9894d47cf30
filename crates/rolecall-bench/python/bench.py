"""Measures the Python binding and its peers: bench.py WORKLOAD [--quick] [--only PART,…]"""

import json
import sys
import time

from floor_python import Floor

from rolecall import Engine

quick = "--quick" in sys.argv
only = sys.argv[sys.argv.index("--only") + 1].split(",") if "--only" in sys.argv else ["python", "peers"]
with open(sys.argv[1], encoding="utf-8") as file:
    work = json.load(file)
users, permissions, projects, roles = (work[key] for key in ("users", "permissions", "projects", "roles"))
by_name = [(users[user], permissions[permission], projects[project]) for user, permission, project in work["requests"]]
answers = work["answers"]


def side_by_side(short, ways):
    """Returns medians for implementations of a task, `(who, operations, run)`.

    Short rounds run in turn, so that a disturbance affects all of them.
    """
    rounds, least = (5, 0.02) if short else (15, 0.1)
    samples = [[] for _ in ways]
    for _, _, run in ways:
        run()
    for _ in range(rounds):
        for (_, operations, run), taken in zip(ways, samples, strict=True):
            start = time.perf_counter()
            times = 0
            while time.perf_counter() - start < least:
                run()
                times += 1
            taken.append((time.perf_counter() - start) * 1e9 / (times * operations))
    return [sorted(taken)[rounds // 2] for taken in samples]


def nanoseconds(short, operations, run):
    """Returns the median for a single implementation."""
    return side_by_side(short, [("", operations, run)])[0]


def note(where, task, who, ns):
    print(
        json.dumps({"size": work["size"], "where": where, "task": task, "who": who, "ns": ns}, ensure_ascii=False),
        flush=True,
    )


class Table:
    """A hand-written table: dicts, and sets of permissions."""

    def __init__(self):
        self.held = {user: [] for user in users}
        closures = [frozenset(permissions[number] for number in role["closure"]) for role in roles]
        self.projects = {name: number for number, name in enumerate(projects)}
        for user, role, scope in work["assignments"]:
            covered = work["covered"][scope]
            self.held[users[user]].append((covered["first"], covered["end"], closures[role]))

    def can(self, user, permission, project):
        place = self.projects[project]
        return any(first <= place < end and permission in held for first, end, held in self.held[user])


table = Table()
THREE = "a decision by three strings"
MENU = "a menu: 240 permissions"


def agree(who, sample, can):
    for number in range(sample):
        assert can(number) == answers[number], f"{who} differs at request {number}"


def each(words, call):
    def run():
        for one in words:
            call(*one)

    return run


if "python" in only:
    engine = Engine.from_json(work["policy"], work["directory"])
    millis = int(work["millis"])
    agree("the table", len(by_name), lambda number: table.can(*by_name[number]))
    agree("can_by_names", len(by_name), lambda number: engine.can_by_names(*by_name[number], millis))
    sessions = [engine.session(user, at=project, time=work["time"]) for user, _, project in by_name[:100]]
    for number, session in enumerate(sessions):
        assert session.can(by_name[number][1]) == answers[number]
    floor, session = Floor(), sessions[0]
    timed = [(*one, millis) for one in by_name]
    names = [(permission,) for _, permission, _ in by_name]
    handles = [(engine.policy.permission(permission),) for _, permission, _ in by_name]
    count = len(by_name)
    requests = [
        ({"subject": user, "permission": permission, "at": project, "context": {"time": work["time"]}},)
        for user, permission, project in by_name[:1000]
    ]
    tasks = {
        "a session, by name": [
            ("floor: a call with three strings", count, each(by_name, floor.texts)),
            ('session.can("…")', count, each(names, session.can)),
            ("session.can(handle)", count, each(handles, session.can)),
        ],
        THREE: [
            ("floor: a call with three strings", count, each(by_name, floor.texts)),
            ("engine.can_by_names", count, each(timed, engine.can_by_names)),
            ("engine.check, with reasons", 1000, each(requests, engine.check)),
        ],
        MENU: [
            ("floor: a call that returns 30 bytes", 1000, each([()] * 1000, floor.bytes)),
            ("session.permission_bits", 1000, each([()] * 1000, session.permission_bits)),
        ],
    }
    for task, ways in tasks.items():
        for (who, _, _), ns in zip(ways, side_by_side(quick, ways), strict=True):
            note("Python", task, who, ns)

if "peers" in only:
    where = "Python, peers"
    note(where, THREE, "floor: dicts by hand", nanoseconds(quick, len(by_name), each(by_name, table.can)))

    import casbin

    model = casbin.Enforcer.new_model(
        text="""
[request_definition]
r = sub, dom, obj
[policy_definition]
p = sub, obj
[role_definition]
g = _, _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.obj == p.obj && g(r.sub, p.sub, r.dom)
"""
    )
    enforcer = casbin.Enforcer(model)
    enforcer.add_policies([[role["name"], permissions[number]] for role in roles for number in role["closure"]])
    # Only the requested users: loading all of them takes minutes.
    sample = 50
    wanted = {user for user, _, _ in work["requests"][:sample]}
    lines = {
        (users[user], roles[role]["name"], project)
        for user, role, scope in work["assignments"]
        if user in wanted
        for project in projects[work["covered"][scope]["first"] : work["covered"][scope]["end"]]
    }
    enforcer.add_grouping_policies([list(line) for line in sorted(lines)])

    def enforced(number):
        user, permission, project = by_name[number]
        return enforcer.enforce(user, project, permission)

    agree("pycasbin", sample, enforced)
    ns = nanoseconds(True, sample, each([(number,) for number in range(sample)], enforced))
    note(where, THREE, "pycasbin, only the requested users loaded", ns)

    import cedarpy

    def uid(kind, name):
        return {"type": kind, "id": name}

    def group(role, scope):
        return uid("Group", f"{roles[role]['name']}@{work['scopes'][scope]}")

    def attribute(role):
        return roles[role]["name"].replace("-", "_")

    policies = "\n".join(
        f'permit(principal, action in Action::"{role["name"]}", resource) '
        f"when {{ principal in resource.{attribute(number)} }};"
        for number, role in enumerate(roles)
    )
    held = {}
    for user, role, scope in work["assignments"]:
        held.setdefault(user, []).append(group(role, scope))

    entities = [{"uid": uid("User", name), "attrs": {}, "parents": held[user]} for user, name in enumerate(users)]
    for number, role in enumerate(roles):
        entities.append({"uid": uid("Action", role["name"]), "attrs": {}, "parents": []})
        for scope in range(len(work["scopes"])):
            # A role at a scope holds below as well.
            below = range(1, 11) if scope == 0 else range(1 + 10 * scope, 11 + 10 * scope) if scope <= 10 else ()
            entities.append(
                {"uid": group(number, scope), "attrs": {}, "parents": [group(number, one) for one in below]}
            )
    for scope, name in enumerate(work["scopes"]):
        attrs = {attribute(number): {"__entity": group(number, scope)} for number in range(len(roles))}
        entities.append({"uid": uid("Scope", name), "attrs": attrs, "parents": []})
    for number, name in enumerate(permissions):
        parents = [uid("Action", role["name"]) for role in roles if number in role["closure"]]
        entities.append({"uid": uid("Action", name), "attrs": {}, "parents": parents})
    known, rules = cedarpy.Entities.from_json_str(json.dumps(entities)), cedarpy.PolicySet.from_str(policies)

    def authorized(number):
        user, permission, project = by_name[number]
        request = {
            "principal": {"type": "User", "id": user},
            "action": {"type": "Action", "id": permission},
            "resource": {"type": "Scope", "id": project},
            "context": {},
        }
        return cedarpy.is_authorized(request, rules, known).allowed

    calls = range(200)
    agree("cedarpy", len(calls), authorized)
    ns = nanoseconds(True, len(calls), each([(number,) for number in range(len(calls))], authorized))
    note(where, THREE, "cedarpy, policies and entities parsed in advance", ns)
