#!/bin/sh
# Administers the tenant of this example, step by step. Read it, then run it with `rolecall` on the path. It uses a store in
# a temporary folder. Some commands are meant to be rejected: they exit with 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ROLECALL_STORE="$work/acme.rolecall"
export ROLECALL_ALLOW_TIME_JUMP=true # the commands have dates of their own
export ROLECALL_AS=user:ada # the Application Manager

say() { printf '\n== %s\n' "$*"; }
rejected() {
  if "$@"; then
    echo "this command should have been rejected" >&2
    exit 2
  elif [ $? -ne 1 ]; then
    exit 2
  fi
}

say "Create the store from the policy of the product and the directory of the tenant"
rolecall admin init --policy preset:blueconic --directory "$here/directory.yaml" --time 2026-11-01T09:00:00Z

say "Leo is invited, and has 7 days to accept. His roles may change before"
rolecall admin invite user:leo --role content-manager@acme --time 2026-11-02T09:00:00Z
rolecall admin assign user:leo insights-only acme --time 2026-11-03T09:00:00Z
rejected rolecall admin --as user:leo accept --time 2026-11-09T09:00:00Z
rolecall admin resend user:leo --time 2026-11-10T09:00:00Z
rolecall admin --as user:leo accept --time 2026-11-11T09:00:00Z

say "A role for a month: a dry run reports its effects first"
rolecall admin assign user:leo it-system-administrator acme --until 2026-12-12T00:00:00Z --time 2026-11-12T09:00:00Z --dry-run
rolecall admin assign user:leo it-system-administrator acme --until 2026-12-12T00:00:00Z --time 2026-11-12T09:00:00Z

say "Users assign only permissions that they hold: Omar is an online marketer"
rejected rolecall admin --as user:omar assign user:omar application-manager acme --time 2026-11-12T10:00:00Z

say "The Users tab: names and addresses are personal data of the tenant. The audit log contains neither"
rolecall admin set-person user:leo --at acme --name "Leo Berg" --email leo@acme.example --time 2026-11-12T11:00:00Z
rolecall admin show access --at acme --kind users --search berg --time 2026-11-12T11:01:00Z
rolecall admin show user user:leo --at acme --time 2026-11-12T11:02:00Z
rejected rolecall admin --as user:omar show user user:leo --at acme --time 2026-11-12T11:03:00Z

say "The Roles tab: every role with its functions, and its holders"
rolecall admin show roles --at acme --search content --time 2026-11-12T11:04:00Z
rolecall admin show role content-manager --at acme --time 2026-11-12T11:05:00Z

say "The last Application Manager cannot lose the role"
rejected rolecall admin withdraw user:ada application-manager acme --time 2026-11-13T09:00:00Z
rolecall admin add user:max --role application-manager@acme --time 2026-11-13T09:01:00Z

say "A role of the product is copied, changed and reset"
rolecall admin role copy content-manager newsroom --at acme --time 2026-11-14T09:00:00Z
rolecall admin role set newsroom --at acme --title Newsroom --grant 'dialogues:*' --grant 'insights:view' --time 2026-11-14T09:01:00Z
rejected rolecall admin role set newsroom --at acme --grant 'dialogues/templates:edit' --time 2026-11-14T09:01:30Z
rolecall admin role reset newsroom --at acme --time 2026-11-14T09:02:00Z

say "A role of the product is edited for the tenant, compared with the product, and reset"
rolecall admin overlay set online-marketer --at acme --title "Our marketer" --grant 'dialogues:*' --grant 'profiles:view' --reads pii --time 2026-11-14T09:03:00Z --dry-run
rolecall admin overlay set online-marketer --at acme --title "Our marketer" --grant 'dialogues:*' --grant 'profiles:view' --reads pii --time 2026-11-14T09:03:00Z
rejected rolecall admin overlay set online-marketer --at acme --grant 'dialogues:edit' --time 2026-11-14T09:03:30Z
rejected rolecall admin --as user:omar overlay reset online-marketer --at acme --time 2026-11-14T09:04:00Z
rolecall admin show overlays --at acme --time 2026-11-14T09:05:00Z
rolecall admin overlay reset online-marketer --at acme --time 2026-11-14T09:06:00Z
rejected rolecall admin overlay reset online-marketer --at acme --time 2026-11-14T09:06:30Z

say "The tenant decides what support staff see: segments and profiles, with personal data"
rolecall admin overlay set blueconic-support --at acme --grant 'segments:view' --grant 'profiles:view' --reads pii --time 2026-11-14T09:07:00Z

say "An assigned custom role is deleted only together with its assignments"
rejected rolecall admin role delete roles-viewer --at acme --time 2026-11-15T09:00:00Z
rolecall admin role delete roles-viewer --at acme --cascade --time 2026-11-15T09:01:00Z

say "Domains limit the items that Dana may change"
rolecall admin set-boundary user:dana domain shop.example blog.example --time 2026-11-16T09:00:00Z

say "Support staff get access, the timeout is between 30 and 60 minutes, and a lockout is rejected"
rolecall admin settings support acme all --reads pii --time 2026-11-17T09:00:00Z
rejected rolecall admin settings timeout acme 20m --time 2026-11-17T09:01:00Z
rolecall admin settings timeout acme 30m --time 2026-11-17T09:02:00Z
rejected rolecall admin settings networks acme 203.0.113.0/24 --ip 198.51.100.7 --time 2026-11-17T09:03:00Z
rolecall admin settings networks acme 203.0.113.0/24 198.51.100.0/24 --ip 198.51.100.7 --time 2026-11-17T09:04:00Z

say "Single sign-on: the provider is a setting of the tenant. Nobody reads its secret back"
umask 077
printf 'a-secret-of-the-provider' > "$work/client-secret"
rejected rolecall admin --as user:omar sign-on set acme --issuer https://id.acme.example --client-id rolecall --ip 198.51.100.7 --time 2026-11-17T10:00:00Z
rolecall admin sign-on set acme --title "Acme" --issuer https://id.acme.example --client-id rolecall --client-secret-file "$work/client-secret" --claim email --ip 198.51.100.7 --time 2026-11-17T10:01:00Z
rolecall admin show sign-ons --at acme --ip 198.51.100.7 --time 2026-11-17T10:02:00Z
rolecall admin settings login acme sso --login sso --ip 198.51.100.7 --time 2026-11-17T10:03:00Z
rolecall admin settings login acme password sso --login sso --ip 198.51.100.7 --time 2026-11-17T10:04:00Z

say "An application that exchanges segments"
rolecall admin add app:exchange --role customer-insights-manager@acme --ip 198.51.100.7 --time 2026-11-18T09:00:00Z

say "The application gets settings and two secrets, of which one replaces the other. Omar may not see them"
rolecall admin app set app:exchange --title "Segment exchange" --token-lifetime 30m --network 203.0.113.0/24 --ip 198.51.100.7 --time 2026-11-18T10:00:00Z
rolecall admin app add-secret app:exchange --note "in the vault" --ip 198.51.100.7 --time 2026-11-18T10:00:00Z
rolecall admin app add-secret app:exchange --until 2027-11-18T00:00:00Z --ip 198.51.100.7 --time 2026-11-18T11:00:00Z
rejected rolecall admin app add-secret app:exchange --ip 198.51.100.7 --time 2026-11-18T12:00:00Z
rolecall admin show applications --at acme --ip 198.51.100.7 --time 2026-11-18T12:00:00Z
rejected rolecall admin --as user:omar show applications --at acme --ip 198.51.100.7 --time 2026-11-18T12:00:00Z

say "Ada helps Sam, who forgot the password. Omar may not, and applications have none"
rolecall admin reset-password user:sam --ip 198.51.100.7 --time 2026-11-18T13:00:00Z
rejected rolecall admin --as user:omar reset-password user:sam --ip 198.51.100.7 --time 2026-11-18T13:01:00Z
rejected rolecall admin reset-password app:exchange --ip 198.51.100.7 --time 2026-11-18T13:02:00Z

say "Ines leaves: she loses her roles and stays in the audit log"
rolecall admin remove user:ines --at acme --ip 198.51.100.7 --time 2026-11-19T09:00:00Z

say "Role assignments"
rolecall admin show access --at acme --ip 198.51.100.7 --time 2026-11-20T09:00:00Z

say "Permissions of Leo on 5 November, while he was invited, and on 15 November"
rolecall state --at 2026-11-05T00:00:00Z --subject user:leo --scope acme
rolecall state --at 2026-11-15T12:00:00Z --subject user:leo --scope acme

say "The audit log has every event, and detects changes"
rolecall audit list --type PRIVACY_SETTING
rolecall audit verify
