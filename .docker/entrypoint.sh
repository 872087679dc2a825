#!/bin/sh
# Roles that share a secret have SKIPLANE_TOKEN in their environment, empty unless one is given: then the first container of
# a stack draws it into a volume of theirs.
set -eu
if [ "${SKIPLANE_TOKEN-unused}" = '' ]; then
  secret=/run/skiplane/token
  if [ ! -s "$secret" ]; then
    draft="$secret.$(hostname).$$"
    (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$draft")
    # A hard link is made once: whoever comes second takes the first one's secret.
    ln "$draft" "$secret" 2>/dev/null || true
    rm -f "$draft"
  fi
  SKIPLANE_TOKEN=$(cat "$secret")
  export SKIPLANE_TOKEN
fi
exec "$@"
