#!/bin/sh
# Administers the tenant of this example, step by step: read it, then run it with `rolecall` on the path. It works on a file
# of its own, which it takes away at the end. What is refused is part of it: such a command ends with 1.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ROLECALL_STORE="$work/acme.rolecall"
export ROLECALL_ALLOW_TIME_JUMP=true # this script brings its own dates
export ROLECALL_AS=user:ada # the Application Manager

say() { printf '\n== %s\n' "$*"; }
refused() {
  if "$@"; then
    echo "this should have been refused" >&2
    exit 2
  elif [ $? -ne 1 ]; then
    exit 2
  fi
}

say "The tenant as it is: the policy of the product, and who holds what"
rolecall admin init --policy preset:blueconic --directory "$here/directory.yaml" --time 2026-11-01T09:00:00Z

say "Leo is invited, and has 7 days to accept; until then his roles may change"
rolecall admin invite user:leo --role content-manager@acme --time 2026-11-02T09:00:00Z
rolecall admin assign user:leo insights-only acme --time 2026-11-03T09:00:00Z
refused rolecall admin --as user:leo accept --time 2026-11-09T09:00:00Z
rolecall admin resend user:leo --time 2026-11-10T09:00:00Z
rolecall admin --as user:leo accept --time 2026-11-11T09:00:00Z

say "A helper for a month: told first, with what it would change for whom"
rolecall admin assign user:leo it-system-administrator acme --until 2026-12-12T00:00:00Z --time 2026-11-12T09:00:00Z --dry-run
rolecall admin assign user:leo it-system-administrator acme --until 2026-12-12T00:00:00Z --time 2026-11-12T09:00:00Z

say "Nobody gives what they may not: Omar is an online marketer"
refused rolecall admin --as user:omar assign user:omar application-manager acme --time 2026-11-12T10:00:00Z

say "The last Application Manager stays, until there is another one"
refused rolecall admin withdraw user:ada application-manager acme --time 2026-11-13T09:00:00Z
rolecall admin add user:max --role application-manager@acme --time 2026-11-13T09:01:00Z

say "A role of the product is copied, changed, and made again what it was"
rolecall admin role copy content-manager newsroom --at acme --time 2026-11-14T09:00:00Z
rolecall admin role set newsroom --at acme --title Newsroom --grant 'dialogues:*' --grant 'insights:view' --time 2026-11-14T09:01:00Z
rolecall admin role reset newsroom --at acme --time 2026-11-14T09:02:00Z

say "A custom role that someone holds is not deleted unless it is taken from them too"
refused rolecall admin role delete roles-viewer --at acme --time 2026-11-15T09:00:00Z
rolecall admin role delete roles-viewer --at acme --cascade --time 2026-11-15T09:01:00Z

say "Domains bound what Dana may change"
rolecall admin set-boundary user:dana domain shop.example blog.example --time 2026-11-16T09:00:00Z

say "Support comes in, the timeout stays within 30 and 60 minutes, and nobody locks their own address out"
rolecall admin settings support acme all --reads pii --time 2026-11-17T09:00:00Z
refused rolecall admin settings timeout acme 20m --time 2026-11-17T09:01:00Z
rolecall admin settings timeout acme 30m --time 2026-11-17T09:02:00Z
refused rolecall admin settings networks acme 203.0.113.0/24 --ip 198.51.100.7 --time 2026-11-17T09:03:00Z
rolecall admin settings networks acme 203.0.113.0/24 198.51.100.0/24 --ip 198.51.100.7 --time 2026-11-17T09:04:00Z

say "An application of its own, for the exchange of segments"
rolecall admin add app:exchange --role customer-insights-manager@acme --ip 198.51.100.7 --time 2026-11-18T09:00:00Z

say "Ines leaves: she holds nothing any more, and stays known to the trail"
rolecall admin remove user:ines --at acme --ip 198.51.100.7 --time 2026-11-19T09:00:00Z

say "Who holds what"
rolecall admin show access --at acme --ip 198.51.100.7 --time 2026-11-20T09:00:00Z

say "What could Leo do on 5 November, when he was only invited, and what on 15 November?"
rolecall state --at 2026-11-05T00:00:00Z --subject user:leo --scope acme
rolecall state --at 2026-11-15T12:00:00Z --subject user:leo --scope acme

say "Every event is kept, and none can be changed unseen"
rolecall audit list --type PRIVACY_SETTING
rolecall audit verify
