#!/bin/sh
# Administers the instance of this example, step by step. Read it, then run it with `rolecall` on the path. It uses a store in
# a temporary folder. Some commands are meant to be rejected: they exit with 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ROLECALL_STORE="$work/main.rolecall"
export ROLECALL_ALLOW_TIME_JUMP=true # the commands have dates of their own
export ROLECALL_AS=user:ada # the SSO Account Admin

say() { printf '\n== %s\n' "$*"; }
rejected() {
  if "$@"; then
    echo "this command should have been rejected" >&2
    exit 2
  elif [ $? -ne 1 ]; then
    exit 2
  fi
}

say "Create the store from the policy and the directory"
rolecall admin init --policy preset:bloomreach --directory "$here/directory.yaml" --time 2026-11-01T09:00:00Z

say "The administrator of a project manages only the team of that project"
rolecall admin --as user:pia invite user:leo --role scenarios-viewer@main/acme/shop --time 2026-11-02T09:00:00Z
rejected rolecall admin --as user:pia invite user:mia --role scenarios-viewer@main/acme/blog --time 2026-11-02T09:01:00Z
rolecall admin --as user:leo accept --time 2026-11-03T09:00:00Z

say "An invitation is pending until it is accepted. Its roles may change before"
rolecall admin --as user:pia invite user:noor --role surveys-viewer@main/acme/shop --time 2026-11-03T09:10:00Z
rolecall admin --as user:pia assign user:noor surveys-editor main/acme/shop --time 2026-11-03T09:11:00Z
rolecall admin --as user:pia show access --at main/acme/shop --kind users --status invited --time 2026-11-03T09:12:00Z

say "Roles of an account are assigned there, and those of the instance only by the vendor"
rejected rolecall admin assign user:anna account-user main/acme/shop --time 2026-11-03T09:13:00Z
rejected rolecall admin assign user:anna instance-manager main --time 2026-11-03T09:14:00Z

say "Roles have levels: a publisher also edits and views. A temporary role ends by itself"
rolecall admin --as user:pia assign user:leo scenarios-publisher main/acme/shop --until 2026-11-10T00:00:00Z --time 2026-11-04T09:00:00Z
rolecall state --at 2026-11-05T00:00:00Z --subject user:leo --scope main/acme/shop

say "Several roles are chosen from a list. Roles that should not last give a hint"
rolecall admin --as user:pia show assignable-roles user:leo --at main/acme/shop --search survey --time 2026-11-04T09:01:00Z
rolecall admin --as user:pia set-roles user:leo main/acme/shop --role scenarios-viewer --role surveys-viewer --role scenarios-publisher,until=2026-11-10T00:00:00Z --time 2026-11-04T09:02:00Z
rolecall admin assign user:anna project-admin main/acme/blog --time 2026-11-04T09:03:00Z
rolecall admin withdraw user:anna project-admin main/acme/blog --time 2026-11-04T09:04:00Z

say "The flag for personal data does not give access on its own"
rejected rolecall admin add user:max --role personal-data-viewer@main/acme/shop --time 2026-11-05T09:00:00Z
rolecall admin add user:max --role customers-viewer@main/acme/shop --role personal-data-viewer@main/acme/shop --time 2026-11-05T09:01:00Z

say "A custom role combines roles"
rolecall admin role set campaign-lead --at main/acme --title 'Campaign lead' --inherit scenarios-publisher --inherit surveys-publisher --time 2026-11-06T09:00:00Z
rolecall admin assign user:rita campaign-lead main/acme/shop --time 2026-11-06T09:01:00Z

say "The list of roles has the custom role, which shows its roles and its members"
rolecall admin --as user:pia show roles --at main/acme/shop --search lead --time 2026-11-06T09:01:10Z
rolecall admin --as user:pia show role campaign-lead --at main/acme/shop --time 2026-11-06T09:01:20Z

say "A custom role grants nothing itself, and nobody edits what they cannot see"
rejected rolecall admin role set fixer --at main/acme --grant customers:view --time 2026-11-06T09:01:30Z
rejected rolecall admin overlay set customers-viewer --at main/acme --grant project:view --grant customers:edit --time 2026-11-06T09:02:00Z

say "An agency logs in without the identity provider. Only the SSO Account Admin may add it, and this cannot be undone"
rejected rolecall admin --as user:pia add user:agency --role surveys-editor@main/acme/blog --external --time 2026-11-07T09:00:00Z
rejected rolecall admin --as user:ivan add user:agency --role surveys-editor@main/acme/blog --external --time 2026-11-07T09:00:30Z
rejected rolecall admin add user:agency --role surveys-editor@main/acme/blog --external --time 2026-11-07T09:01:00Z
rolecall admin add user:agency --role surveys-editor@main/acme/blog --external --confirm --time 2026-11-07T09:01:30Z
rolecall admin settings login main/acme sso --login sso --time 2026-11-07T09:02:00Z

say "A group of the identity provider gives a role. The manager of access sets up single sign-on, but maps no roles"
rejected rolecall admin --as user:ivan role-mapping set corp Campaigners --at main/acme --role scenarios-publisher@main/acme/shop --login sso --time 2026-11-07T09:02:10Z
rolecall admin role-mapping set corp Campaigners --at main/acme --role scenarios-publisher@main/acme/shop --login sso --time 2026-11-07T09:02:20Z
rejected rolecall admin group join group:main/acme/mapped-1 user:rita --login sso --time 2026-11-07T09:02:30Z
rejected rolecall admin role-mapping set corp Writers --at main/acme --role surveys-editor@main/acme/shop,region=eu --login sso --time 2026-11-07T09:02:35Z
rolecall admin role-mapping set corp Writers --at main/acme --role surveys-editor@main/acme/shop,here --role surveys-viewer@main/acme/blog,access-group=group:main/acme/mapped-1 --login sso --time 2026-11-07T09:02:36Z
rolecall admin show role-mappings --at main/acme --login sso --time 2026-11-07T09:02:40Z

say "Only the vendor's support, who administers the instance, moves a user to another identity domain"
rejected rolecall admin set-native user:anna main/acme/shop --time 2026-11-07T09:03:00Z
rolecall admin --as user:sue set-native user:anna main/acme/shop --time 2026-11-07T09:04:00Z
rolecall admin --as user:sue set-native user:anna main/acme --time 2026-11-07T09:05:00Z

say "Temporary access: Rita requests it, and another user approves it"
rolecall admin --as user:rita request customers-editor main/acme/shop --until 2026-11-09T00:00:00Z --reason 'a broken import' --time 2026-11-08T09:00:00Z
rejected rolecall admin --as user:rita approve 1 --time 2026-11-08T09:01:00Z
rolecall admin --as user:anna approve 1 --time 2026-11-08T09:02:00Z
rolecall admin --as user:rita end-access 1 --time 2026-11-08T12:00:00Z

say "An access group locks an item: only members may edit it"
rolecall admin group add group:main/acme/brand --at main/acme --time 2026-11-09T09:00:00Z
rolecall admin group join group:main/acme/brand user:rita --time 2026-11-09T09:01:00Z
rolecall admin lock scenario:welcome --at main/acme/shop --group group:main/acme/brand --time 2026-11-09T09:02:00Z
rejected rolecall admin --as user:rita lock scenario:welcome --at main/acme/shop --time 2026-11-09T09:03:00Z
rolecall admin show locks --at main/acme --time 2026-11-09T09:04:00Z
rolecall check --store "$ROLECALL_STORE" --subject user:rita --permission campaigns/scenarios:edit --at main/acme/shop --item scenario:welcome --time 2026-11-09T09:05:00Z
rejected rolecall check --store "$ROLECALL_STORE" --subject user:leo --permission campaigns/scenarios:edit --at main/acme/shop --item scenario:welcome --time 2026-11-09T09:05:00Z

say "An item belongs to who made it, and stays when its owner leaves"
rolecall admin set-owner scenario:spring user:leo --at main/acme/shop --time 2026-11-10T08:00:00Z

say "A removed user loses access, but the user and its items stay listed"
rolecall admin --as user:pia remove user:leo --at main/acme/shop --time 2026-11-10T09:00:00Z
rolecall admin show locks --at main/acme --time 2026-11-10T09:00:30Z

say "The account has password rules for the users of its identity domain. They have bounds"
rejected rolecall admin settings passwords main/acme --min-length 6 --time 2026-11-10T08:50:00Z
rolecall admin settings passwords main/acme --min-length 12 --character-kinds 3 --history 5 --time 2026-11-10T08:51:00Z
rolecall admin show settings --at main/acme --time 2026-11-10T08:52:00Z

say "Managers of access of a project require two-step verification, which they must have used themselves"
rejected rolecall admin --as user:pia settings second-factor main/acme/shop required --time 2026-11-10T09:01:00Z
rolecall admin --as user:pia --second-factor settings second-factor main/acme/shop required --time 2026-11-10T09:02:00Z
rejected rolecall admin --as user:pia show access --at main/acme/shop --time 2026-11-10T09:03:00Z
rolecall admin --as user:pia --second-factor settings second-factor main/acme/shop optional --time 2026-11-10T09:04:00Z

say "An invitation ends after 7 days. An administrator renews it"
rejected rolecall admin --as user:noor accept --time 2026-11-10T09:20:00Z
rejected rolecall admin --as user:rita resend user:noor --time 2026-11-10T09:21:00Z
rolecall admin --as user:pia resend user:noor --time 2026-11-10T09:22:00Z
rolecall admin --as user:noor accept --time 2026-11-10T09:23:00Z

say "The manager of users may assign every role, but may not add scopes"
rolecall admin --as user:ivan assign user:anna account-admin main/acme --time 2026-11-11T09:00:00Z
rejected rolecall admin --as user:ivan add-scope main/acme/news --time 2026-11-11T09:01:00Z
rolecall admin --as user:sue add-scope main/acme/news --time 2026-11-11T09:02:00Z

say "The administrator of the instance states its type. A multi-tenant instance lacks the roles that are assigned here"
rejected rolecall admin --as user:sue set-instance-type main multi-tenant --time 2026-11-11T09:03:00Z
rejected rolecall admin --as user:ada set-instance-type main exclusive --time 2026-11-11T09:04:00Z
rolecall admin --as user:sue set-instance-type main exclusive --time 2026-11-11T09:05:00Z
rolecall admin --as user:sue show role instance-manager --at main --time 2026-11-11T09:06:00Z

say "Role assignments in the shop, and the audit log"
rolecall admin --as user:pia show access --at main/acme/shop --time 2026-11-12T09:00:00Z
rolecall audit list --object user:leo
rolecall audit verify
