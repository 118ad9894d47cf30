#!/bin/sh
# Administers the instance of this example, step by step: read it, then run it with `rolecall` on the path. It works on a file
# of its own, which it takes away at the end. What is refused is part of it: such a command ends with 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ROLECALL_STORE="$work/main.rolecall"
export ROLECALL_ALLOW_TIME_JUMP=true # this script brings its own dates
export ROLECALL_AS=user:ada # the Account Admin

say() { printf '\n== %s\n' "$*"; }
refused() {
  if "$@"; then
    echo "this should have been refused" >&2
    exit 2
  elif [ $? -ne 1 ]; then
    exit 2
  fi
}

say "The instance as it is"
rolecall admin init --policy preset:bloomreach --directory "$here/directory.yaml" --time 2026-11-01T09:00:00Z

say "A project's administrator manages its team, and no other's"
rolecall admin --as user:pia invite user:leo --role scenarios-viewer@main/acme/shop --time 2026-11-02T09:00:00Z
refused rolecall admin --as user:pia invite user:mia --role scenarios-viewer@main/acme/blog --time 2026-11-02T09:01:00Z
rolecall admin --as user:leo accept --time 2026-11-03T09:00:00Z

say "Roles by level: who publishes also edits and views; a role until an instant ends by itself"
rolecall admin --as user:pia assign user:leo scenarios-publisher main/acme/shop --until 2026-11-10T00:00:00Z --time 2026-11-04T09:00:00Z
rolecall state --at 2026-11-05T00:00:00Z --subject user:leo --scope main/acme/shop

say "The flag for personal data lets nobody in on its own"
refused rolecall admin add user:max --role personal-data-viewer@main/acme/shop --time 2026-11-05T09:00:00Z
rolecall admin add user:max --role customers-viewer@main/acme/shop --role personal-data-viewer@main/acme/shop --time 2026-11-05T09:01:00Z

say "A custom role combines roles"
rolecall admin role set campaign-lead --at main/acme --title 'Campaign lead' --inherit scenarios-publisher --inherit surveys-publisher --time 2026-11-06T09:00:00Z
rolecall admin assign user:rita campaign-lead main/acme/shop --time 2026-11-06T09:01:00Z

say "An agency comes from outside the identity provider; that cannot be undone"
refused rolecall admin --as user:pia add user:agency --role surveys-editor@main/acme/blog --external --time 2026-11-07T09:00:00Z
rolecall admin add user:agency --role surveys-editor@main/acme/blog --external --time 2026-11-07T09:01:00Z
rolecall admin settings login main/acme sso --login sso --time 2026-11-07T09:02:00Z

say "Access for a while: asked for by Rita, approved by someone else, for where they approve"
rolecall admin --as user:rita request customers-editor main/acme/shop --until 2026-11-09T00:00:00Z --reason 'a broken import' --time 2026-11-08T09:00:00Z
refused rolecall admin --as user:rita approve 1 --time 2026-11-08T09:01:00Z
rolecall admin --as user:anna approve 1 --time 2026-11-08T09:02:00Z
rolecall admin --as user:rita end-access 1 --time 2026-11-08T12:00:00Z

say "Access groups lock what only their members may edit"
rolecall admin group add group:main/acme/brand --at main/acme --time 2026-11-09T09:00:00Z
rolecall admin group join group:main/acme/brand user:rita --time 2026-11-09T09:01:00Z
rolecall admin lock scenario:welcome --at main/acme/shop --group group:main/acme/brand --time 2026-11-09T09:02:00Z
refused rolecall admin --as user:rita lock scenario:welcome --at main/acme/shop --time 2026-11-09T09:03:00Z
rolecall admin show locks --at main/acme --time 2026-11-09T09:04:00Z

say "Removing someone takes their access; what they made stays, and they stay known"
rolecall admin --as user:pia remove user:leo --at main/acme/shop --time 2026-11-10T09:00:00Z

say "The manager of people may give any role, and may not change how one logs in to what they do not administer"
rolecall admin --as user:ivan assign user:anna account-admin main/acme --time 2026-11-11T09:00:00Z
refused rolecall admin --as user:ivan add-scope main/acme/news --time 2026-11-11T09:01:00Z
rolecall admin --as user:sue add-scope main/acme/news --time 2026-11-11T09:02:00Z

say "Who holds what in the shop, and the trail"
rolecall admin --as user:pia show access --at main/acme/shop --time 2026-11-12T09:00:00Z
rolecall audit list --object user:leo
rolecall audit verify
